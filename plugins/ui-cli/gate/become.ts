import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { NOT_EXECUTABLE, NOT_FOUND, type NotStarted } from './find-program.ts';
import type { Program } from '../context/command.ts';
import { replaceProcess } from './replace-process.ts';

/** What this process was started with. */
export type Inherited = {
  readonly env: NodeJS.ProcessEnv;
  /** The open descriptors above the standard ones. */
  readonly descriptors: readonly number[];
};

/**
 * Becomes the program, with the environment and descriptors that this process was started with. Resolves only if the
 * program could not be started, or ran beside this process, with the exit code.
 */
export async function become(program: Program, { env, descriptors }: Inherited): Promise<number> {
  restore(process.env, env);
  const ended =
    (await replaced(program, descriptors)) ?? (await (await import('./run-beside.ts')).runBeside(program, descriptors));
  if (typeof ended === 'number') return ended;
  writeSync(process.stderr.fd, `${ended.problem}.\n`);
  return ended.exitCode;
}

/** Undefined if a process cannot be replaced here. */
async function replaced(program: Program, descriptors: readonly number[]): Promise<NotStarted | undefined> {
  if (process.platform === 'win32') return undefined;
  let errno: number;
  try {
    errno = await replaceProcess(program, descriptors);
  } catch {
    // koffi is optional.
    return undefined;
  }
  const [name = `error ${errno}`] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? [];
  // The interpreter of a script may be missing.
  const exitCode = name === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
  return { exitCode, problem: `${program.argv[0]} could not be executed (${name})` };
}

/** Only what differs is set, so that a value which is not valid text stays as it is. */
function restore(env: NodeJS.ProcessEnv, inherited: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (!(name in inherited)) delete env[name];
  for (const [name, value] of Object.entries(inherited)) if (env[name] !== value) env[name] = value;
}
