import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as moment } from 'node:timers/promises';
import { errnoOf } from '../../../sdk/base/errno.ts';
import { TEMPORARY } from './temporary.ts';

/** What a test has ended may need a while for its last steps. Vitest waits for 10 seconds. */
const PATIENCE_MS = 5_000;

/** While a process is ended, it may start another one. */
const ROUNDS = 50;

type Process = { readonly pid: number; readonly parent: number; readonly command: string };

/**
 * Gives a run of tests its own folder for temporary files. The processes that tests start have it in their environment,
 * arguments or working directory. Those that are left at the end of the run, also of one that is stopped, are ended, so
 * that they do not slow down what follows. A whole run names them, because their tests should have ended them.
 */
export default function setup(): (() => Promise<void>) | undefined {
  if (process.platform === 'win32') return undefined;
  const folder = mkdtempSync(join(TEMPORARY, 'ka-'));
  // Other users make files in it, as in /tmp.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  const stopped = () => remove(folder, () => true);
  process.once('exit', stopped);
  // Vitest ends its own children later.
  const isLeft = ({ parent }: Process) => parent !== process.pid;
  return async () => {
    let left = processesIn(folder).filter(isLeft);
    for (let waited = 0; waited < PATIENCE_MS && left.length > 0; waited += 100) {
      await moment(100);
      left = processesIn(folder).filter(isLeft);
    }
    remove(folder, isLeft);
    process.off('exit', stopped);
    for (const { pid, command } of left) process.stderr.write(`A test left a process behind: ${pid} ${command}\n`);
  };
}

/** Ends the processes that use the folder, and removes it. */
function remove(folder: string, isEnded: (process: Process) => boolean): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const left = processesIn(folder).filter(isEnded);
    if (left.length === 0) break;
    for (const { pid } of left) unlessGone(() => process.kill(pid, 'SIGKILL'));
    pause(20);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Synchronous, because nothing else runs when a process exits. */
const pause = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Where there is no /proc, none are found. */
const processesIn = (folder: string): readonly Process[] =>
  (unlessGone(() => readdirSync('/proc')) ?? [])
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid !== process.pid)
    .flatMap(pid => unlessGone(() => processIn(folder, pid)) ?? []);

/** The process, if it uses the folder. */
function processIn(folder: string, pid: number): Process | undefined {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const command = read('cmdline').replaceAll('\0', ' ');
  const isIn = `${command} ${read('environ')} ${readlinkSync(`/proc/${pid}/cwd`)}`.includes(folder);
  const [, parent = ''] = /^\S+ \(.*\) \S (\d+)/s.exec(read('stat')) ?? [];
  return isIn ? { pid, parent: Number(parent), command } : undefined;
}

/** Undefined if the process is gone, or another user's. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error))) throw error;
    return undefined;
  }
}
