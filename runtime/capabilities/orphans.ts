import { readdirSync, readFileSync } from 'node:fs';

/** Access to the system; tests pass their own. */
export type Reaping = {
  /** The children of this process that have ended, but are kept by the system. */
  ended(): readonly number[];
  /** Lets the system forget such a child. */
  reap(pid: number): void;
};

const EVERY_MS = 10_000;

/**
 * Reaps orphans for as long as this process lives, if it is process 1, as in a container. Process 1 becomes the parent
 * of each orphan, and Node reaps only what it started. Each would stay as a zombie, until no program can be started.
 * `onError` is called if that is not possible here.
 */
export async function reapOrphans(onError: (error: unknown) => void): Promise<void> {
  if (process.platform !== 'linux' || process.pid !== 1) return;
  try {
    const look = orphanLook(await systemReaping());
    // Without /proc it fails here, and not in the timer.
    look();
    setInterval(look, EVERY_MS).unref();
  } catch (error) {
    onError(error);
  }
}

/**
 * One look, to be repeated by a timer. Node reaps its own children in its event loop, which turns between two looks. So
 * what had ended at the last look already is none of them.
 */
export function orphanLook({ ended, reap }: Reaping): () => void {
  let before = new Set<number>();
  return () => {
    const now = ended();
    for (const pid of now) if (before.has(pid)) reap(pid);
    before = new Set(now.filter(pid => !before.has(pid)));
  };
}

const WNOHANG = 1;

async function systemReaping(): Promise<Reaping> {
  const { load } = await import('koffi');
  const waitpid = load(null).func('int waitpid(int pid, void *status, int options)');
  return { ended: () => endedChildren('/proc'), reap: pid => void waitpid(pid, null, WNOHANG) };
}

/** The zombies whose parent is process 1. */
export function endedChildren(proc: string): readonly number[] {
  return readdirSync(proc)
    .filter(name => /^\d+$/.test(name) && isEnded(`${proc}/${name}/stat`))
    .map(Number);
}

/** The name of a program may contain parentheses and spaces. */
function isEnded(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').replace(/^.*\)/s, '').startsWith(' Z 1 ');
  } catch {
    // It is gone since.
    return false;
  }
}
