import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Exec } from '../../sdk/plugin/process.ts';
import { childEnvironment, type ProgramOptions } from './exec.ts';
import { captureOutput, OUTPUT_LIMIT } from './output.ts';

/** Runs programs in a terminal of their own, which is closed when the conversation is over. */
export const createPty =
  ({ workDir, env }: ProgramOptions): Exec =>
  async (program, args, options = {}) => {
    const { input, talk, signal, timeoutMs = 60_000, graceMs = 10_000 } = options;
    const [{ spawn }] = await Promise.all([load(), mkdir(workDir, { recursive: true, mode: 0o700 })]);
    signal?.throwIfAborted();
    const terminal = spawn(program, [...args], {
      name: 'xterm-256color',
      cols: 120,
      rows: 40,
      cwd: options.cwd ?? workDir,
      env: childEnvironment(env, options.env),
    });
    const screen = new Readable({ read() {} });
    // A screen that nobody reads must not make the program wait.
    terminal.onData(text => void (screen.readableLength < OUTPUT_LIMIT && screen.push(text)));
    const exited = new Promise<{ readonly exitCode: number; readonly signal?: number }>(resolve =>
      terminal.onExit(exit => {
        screen.push(null);
        resolve(exit);
      }),
    );

    let kill: NodeJS.Timeout | undefined;
    // Windows knows no signals: there, the terminal is closed.
    const end = (name: string) => terminal.kill(process.platform === 'win32' ? undefined : name);
    const hangUp = (name = 'SIGHUP') => {
      end(name);
      kill ??= setTimeout(() => end('SIGKILL'), graceMs);
    };
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      hangUp('SIGTERM');
    }, timeoutMs);
    const onAbort = () => hangUp('SIGTERM');
    signal?.addEventListener('abort', onAbort, { once: true });

    const output = captureOutput(screen);
    const send = (text: string) => terminal.write(`${text}\r`);
    if (input !== undefined) send(input);
    const conversation = talk ? talk({ lines: output.lines, send }).finally(() => hangUp()) : Promise.resolve();
    try {
      const [exit, stdout] = await Promise.all([
        exited,
        conversation.then(
          () => output.drain(),
          () => output.drain(),
        ),
      ]);
      signal?.throwIfAborted();
      await conversation;
      return { exitCode: exit.signal ? undefined : exit.exitCode, stdout, stderr: '', timedOut };
    } finally {
      clearTimeout(limit);
      clearTimeout(kill);
      signal?.removeEventListener('abort', onAbort);
    }
  };

/** It comes with a part for each system, and not for all. */
async function load() {
  try {
    return await import('@lydell/node-pty');
  } catch (error) {
    throw new KeepaliveError(
      'KA_PROGRAM_FAILED',
      { reason: 'There is no terminal to run it in on this system.' },
      error,
    );
  }
}
