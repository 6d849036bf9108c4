import { constants } from 'node:os';
import { NOT_EXECUTABLE, NOT_FOUND, type NotStarted } from './find-program.ts';
import type { Program } from '../context/command.ts';
import { isInForeground } from '../context/foreground.ts';

/** Signals that are sent to us and meant for the program. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;
/** A terminal sends these to all its foreground processes, so the program has them already. */
const OF_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;

/** How a program ended, or why it did not start. */
type Ended = { readonly exitCode: number } | { readonly signal: NodeJS.Signals } | NotStarted;

/**
 * Runs a program with our input, output and terminal, and ends as it does: with its exit code, or by the same signal.
 * For systems where a process cannot be replaced.
 */
export async function runBeside(program: Program, descriptors: readonly number[]): Promise<number | NotStarted> {
  const ended = await runToItsEnd(program, descriptors);
  if ('problem' in ended) return ended;
  return 'signal' in ended ? endBy(ended.signal) : ended.exitCode;
}

/** Runs a program with our input, output and terminal, and passes signals on to it. */
export async function runToItsEnd(
  { file, argv: [, ...args] }: Program,
  descriptors: readonly number[] = [],
): Promise<Ended> {
  const { execa } = await import('execa');
  const passOn = (name: NodeJS.Signals) => void child.kill(name);
  const passOnUnlessTyped = (name: NodeJS.Signals) => {
    if (!(process.stdin.isTTY && isInForeground(process.platform))) passOn(name);
  };
  // Before the program starts: it may have us signalled at once.
  if (process.platform === 'win32') process.on('SIGINT', () => undefined);
  else {
    for (const name of PASSED_ON) process.on(name, passOn);
    for (const name of OF_TERMINAL) process.on(name, passOnUnlessTyped);
  }
  const child = execa(file, args, {
    stdio: ['inherit', 'inherit', 'inherit', ...passed(descriptors)],
    buffer: false,
    reject: false,
    cleanup: false,
  });
  const { exitCode, signal, code } = await child;
  if (signal) return { signal };
  if (exitCode !== undefined) return { exitCode };
  const isMissing = code === 'ENOENT';
  const problem = `${file} ${isMissing ? 'was not found' : `cannot be executed (${code})`}`;
  return { exitCode: isMissing ? NOT_FOUND : NOT_EXECUTABLE, problem };
}

/** Each has the same number in the program. Those between them are closed there. */
const passed = (descriptors: readonly number[]): readonly ('inherit' | 'ignore')[] =>
  Array.from({ length: Math.max(2, ...descriptors) - 2 }, (_, at) =>
    descriptors.includes(at + 3) ? 'inherit' : 'ignore',
  );

/** Our parent sees that a signal has ended us. The code is for one that the system does not let end us. */
export function endBy(signal: NodeJS.Signals): number {
  // Node ignores SIGPIPE, but not once it has had a listener.
  if (signal === 'SIGPIPE') process.once(signal, () => undefined);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
