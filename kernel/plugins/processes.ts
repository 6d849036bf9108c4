import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunningProcess } from '../../sdk/process.ts';

/** Which processes there are, as the system's files tell; a test hands in its own. */
export type ProcessFiles = { readonly proc: string; readonly pid: number };

/** The kernel's PROC_PID_INIT_INO: the namespace that the machine starts with, which sees the processes of all others. */
const WHOLE_MACHINE = 'pid:[4026531836]';

/**
 * The programs running on this machine, everyone's as far as the system tells. Throws where they cannot be listed,
 * and where the list may lack some: a credential can be shared with programs that a container, or an empty /proc,
 * does not show.
 */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  // Bare machines and containers often have no ps(1), which the package runs; Linux tells it in files.
  if (process.platform === 'linux') return listFrom({ proc: '/proc', pid: process.pid });
  const { default: psList } = await import('ps-list');
  const all = (await psList()).map(({ pid, name, cmd }) => ({ pid, name, command: cmd || undefined }));
  return complete(all, process.pid);
}

export async function listFrom({ proc, pid }: ProcessFiles): Promise<readonly RunningProcess[]> {
  // A system without namespaces has no such file.
  const namespace = await readlink(`${proc}/self/ns/pid`).catch(() => WHOLE_MACHINE);
  if (namespace !== WHOLE_MACHINE) throw new Error('Programs outside of this container cannot be seen.');
  const pids = (await readdir(proc)).map(Number).filter(Number.isInteger);
  const found = await Promise.all(pids.map(each => readProcess(`${proc}/${each}`, each)));
  return complete(found.flatMap(entry => entry ?? []), pid);
}

/** A list without ourselves is a list of something else. */
function complete(all: readonly RunningProcess[], own: number): readonly RunningProcess[] {
  if (all.some(({ pid }) => pid === own)) return all;
  throw new Error('The list of running programs is not complete.');
}

/** Undefined for one that has ended since. */
async function readProcess(folder: string, pid: number): Promise<RunningProcess | undefined> {
  try {
    const [comm, cmdline] = await Promise.all([readFile(`${folder}/comm`, 'utf8'), readFile(`${folder}/cmdline`, 'utf8')]);
    const args = cmdline.split('\0').filter(Boolean);
    const name = usualName(comm.trim(), args) ?? await programOf(folder) ?? comm.trim();
    return { pid, name, command: args.join(' ') || undefined };
  } catch {
    return undefined;
  }
}

/** The kernel's own name of a program, or of the script that it runs, whole: it is cut off after 15 letters. */
const usualName = (comm: string, args: readonly string[]): string | undefined =>
  args.slice(0, 2).map(arg => basename(arg)).find(name => name.startsWith(comm));

/** A program may call its main thread what it likes, and its process with it: Node 24 calls it `MainThread`. */
const programOf = (folder: string): Promise<string | undefined> =>
  readlink(`${folder}/exe`).then(path => basename(path.replace(/ \(deleted\)$/, '')), () => undefined);
