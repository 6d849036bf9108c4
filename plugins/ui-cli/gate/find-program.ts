import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Program } from '../context/command.ts';

/** The exit codes of a shell for a command that it cannot start. */
export const NOT_EXECUTABLE = 126;
export const NOT_FOUND = 127;

/** Why a command cannot be started, with the exit code for that. */
export type NotStarted = { readonly exitCode: number; readonly problem: string };

const USUAL_PATH = '/usr/bin:/bin';

/** Looks for a command as a shell does. An empty or relative folder of the PATH is below the working directory. */
export function findProgram(
  argv: Program['argv'],
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Program | NotStarted {
  const [command] = argv;
  if (platform === 'win32') return { file: command, argv };
  const folders = (env['PATH'] ?? USUAL_PATH).split(delimiter);
  const candidates = command.includes('/') ? [command] : folders.map(folder => join(folder || '.', command));
  const found = command === '' ? [] : candidates.map(file => ({ file, is: kindOf(file) }));
  const program = found.find(({ is }) => is === 'program');
  if (program) return { file: program.file, argv };
  const isThere = found.some(({ is }) => is === 'other');
  return isThere
    ? { exitCode: NOT_EXECUTABLE, problem: `${command} cannot be executed` }
    : { exitCode: NOT_FOUND, problem: `${command || 'The empty command'} was not found` };
}

function kindOf(file: string): 'program' | 'other' | 'missing' {
  try {
    if (!statSync(file).isFile()) return 'other';
    accessSync(file, constants.X_OK);
    return 'program';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'other' : 'missing';
  }
}
