import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunningProcess } from '../../sdk/process.ts';

/** The programs running on this machine, everyone's as far as the system tells. Throws where they cannot be listed. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  // Bare machines and containers often have no ps(1), which the package runs; Linux tells it in files.
  if (process.platform === 'linux') return listFrom('/proc');
  const { default: psList } = await import('ps-list');
  return (await psList()).map(({ pid, name, cmd }) => ({ pid, name, command: cmd || undefined }));
}

async function listFrom(proc: string): Promise<readonly RunningProcess[]> {
  const pids = (await readdir(proc)).map(Number).filter(Number.isInteger);
  const found = await Promise.all(pids.map(pid => readProcess(`${proc}/${pid}`, pid)));
  return found.flatMap(entry => entry ?? []);
}

/** Undefined for one that has ended since. */
async function readProcess(folder: string, pid: number): Promise<RunningProcess | undefined> {
  try {
    const [comm, cmdline] = await Promise.all([readFile(`${folder}/comm`, 'utf8'), readFile(`${folder}/cmdline`, 'utf8')]);
    const args = cmdline.split('\0').filter(Boolean);
    // The kernel cuts its own name of a program after 15 letters.
    const name = args[0] && basename(args[0]).startsWith(comm.trim()) ? basename(args[0]) : comm.trim();
    return { pid, name, command: args.join(' ') || undefined };
  } catch {
    return undefined;
  }
}
