import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import { withCommands } from './windows-processes.ts';

/** Where the process list is read from; tests pass their own. */
export type ProcessFiles = { readonly proc: string; readonly pid: number };

/** The initial PID namespace (PROC_PID_INIT_INO of the Linux kernel), which sees all processes. */
const WHOLE_MACHINE = 'pid:[4026531836]';

/**
 * The programs running on this machine, of every user if the system allows. Throws if the list is unavailable or may
 * be incomplete: a credential can be shared with programs that a container or an empty /proc hides.
 */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  // Minimal machines and containers often lack ps(1), which the package runs. Linux has the list in /proc.
  if (process.platform === 'linux') return listFrom({ proc: '/proc', pid: process.pid });
  const { default: psList } = await import('ps-list');
  const all = (await psList()).map(({ pid, name, cmd }) => ({ pid, name, command: cmd || undefined }));
  const processes = complete(all, process.pid);
  return process.platform === 'win32' ? withCommands(processes, process.pid) : processes;
}

export async function listFrom({ proc, pid }: ProcessFiles): Promise<readonly RunningProcess[]> {
  // A system without namespaces has no such file.
  const namespace = await readlink(`${proc}/self/ns/pid`).catch(() => WHOLE_MACHINE);
  if (namespace !== WHOLE_MACHINE) throw new Error('Programs outside of this container cannot be seen.');
  const pids = (await readdir(proc)).map(Number).filter(Number.isInteger);
  const found = await Promise.all(pids.map(each => readProcess(`${proc}/${each}`, each)));
  return complete(
    found.flatMap(entry => entry ?? []),
    pid,
  );
}

/** A list that lacks this process is incomplete. */
function complete(all: readonly RunningProcess[], own: number): readonly RunningProcess[] {
  if (all.some(({ pid }) => pid === own)) return all;
  throw new Error('The list of running programs is not complete.');
}

/** Undefined if the process has ended since. */
async function readProcess(folder: string, pid: number): Promise<RunningProcess | undefined> {
  try {
    const [comm, cmdline] = await Promise.all([
      readFile(`${folder}/comm`, 'utf8'),
      readFile(`${folder}/cmdline`, 'utf8'),
    ]);
    const args = cmdline.split('\0').filter(Boolean);
    const name = usualName(comm.trim(), args) ?? (await programOf(folder)) ?? comm.trim();
    return { pid, name, command: args.join(' ') || undefined };
  } catch {
    return undefined;
  }
}

/** The full name of the program or its script. The Linux kernel cuts `comm` off after 15 characters. */
const usualName = (comm: string, args: readonly string[]): string | undefined =>
  args
    .slice(0, 2)
    .map(arg => basename(arg))
    .find(name => name.startsWith(comm));

/** A program may rename its main thread, which renames its process: Node 24 calls it `MainThread`. */
const programOf = (folder: string): Promise<string | undefined> =>
  readlink(`${folder}/exe`).then(
    path => basename(path.replace(/ \(deleted\)$/, '')),
    () => undefined,
  );
