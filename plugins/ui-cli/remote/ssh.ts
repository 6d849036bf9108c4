import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext, Program } from '../context/command.ts';
import { findProgram } from '../gate/find-program.ts';

/** The exit code of ssh if it could not connect, or lost the connection. */
export const NOT_CONNECTED = 255;

/** The user's ssh with these arguments. */
export function sshProgram(
  args: readonly string[],
  { env, platform }: Pick<CommandContext, 'env' | 'platform'>,
): Program {
  const program = findProgram(['ssh', ...args], env, platform);
  if ('file' in program) return program;
  throw new Error('ssh is not installed here, or not on the PATH. Install OpenSSH, then `ssh HOST` has to work.');
}

/** Uses a folder of this command, for what ssh itself reports. It never mixes with the output of the other side. */
export async function withLog<T>(use: (log: SshLog) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-ssh-'));
  const file = join(folder, 'log');
  try {
    return await use({ folder, file, read: () => readFile(file, 'utf8').catch(() => '') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export type SshLog = {
  /** A private folder that is removed afterwards. */
  readonly folder: string;
  readonly file: string;
  /** Empty if ssh had nothing to report. */
  readonly read: () => Promise<string>;
};
