import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { IPty } from '@lydell/node-pty';
import type { Exec, ExecOptions } from '../../sdk/plugin/process.ts';
import { childEnvironment, type ProgramOptions } from './exec.ts';
import { captureOutput, OUTPUT_LIMIT } from './output.ts';

/** Runs programs in a terminal, which is closed when the conversation is over. */
export const createPty =
  ({ workDir, env }: ProgramOptions): Exec =>
  async (program, args, options = {}) => {
    const { input, talk, signal } = options;
    const [{ spawn }] = await Promise.all([load(), mkdir(workDir, { recursive: true, mode: 0o700 })]);
    signal?.throwIfAborted();
    const terminal = spawn(program, [...args], {
      name: 'xterm-256color',
      cols: 120,
      rows: 40,
      cwd: options.cwd ?? workDir,
      env: childEnvironment(env, options.env),
    });
    const { screen, exited } = observe(terminal);
    const ending = endInTime(terminal, options);
    const output = captureOutput(screen);
    const send = (text: string) => terminal.write(`${text}\r`);
    if (input !== undefined) send(input);
    const conversation = talk ? talk({ lines: output.lines, send }).finally(ending.hangUp) : Promise.resolve();
    const drain = () => output.drain();
    try {
      const [exit, stdout] = await Promise.all([exited, conversation.then(drain, drain)]);
      signal?.throwIfAborted();
      await conversation;
      const exitCode = exit.signal ? undefined : exit.exitCode;
      return { exitCode, stdout, stderr: '', timedOut: ending.hasTimedOut() };
    } finally {
      ending.clear();
    }
  };

/** What the program prints, and how it exits. */
function observe(terminal: IPty) {
  const screen = new Readable({ read() {} });
  // Unread output is dropped above the limit: a full screen must not make the program wait.
  terminal.onData(text => void (screen.readableLength < OUTPUT_LIMIT && screen.push(text)));
  const exited = new Promise<{ readonly exitCode: number; readonly signal?: number }>(resolve =>
    terminal.onExit(exit => {
      screen.push(null);
      resolve(exit);
    }),
  );
  return { screen, exited };
}

/** Ends the program at the time limit, on abort and on `hangUp`. It is killed if it does not exit in the grace time. */
function endInTime(terminal: IPty, { signal, timeoutMs = 60_000, graceMs = 10_000 }: ExecOptions) {
  let kill: NodeJS.Timeout | undefined;
  let timedOut = false;
  const { ask, kill: killNow } = waysToEnd(terminal, process.platform);
  const end = (name: string) => {
    ask(name);
    kill ??= setTimeout(killNow, graceMs);
  };
  const limit = setTimeout(() => {
    timedOut = true;
    end('SIGTERM');
  }, timeoutMs);
  const onAbort = () => end('SIGTERM');
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    hangUp: () => end('SIGHUP'),
    hasTimedOut: () => timedOut,
    clear() {
      clearTimeout(limit);
      clearTimeout(kill);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * How a program is asked to end, and how it is ended. Windows has no signals, and closing a terminal there terminates
 * all programs in it at once. Ctrl-C is what they can answer; some want it twice.
 */
export const waysToEnd = (terminal: Pick<IPty, 'kill' | 'write'>, platform: NodeJS.Platform) =>
  platform === 'win32'
    ? { ask: (_name: string) => terminal.write(CTRL_C + CTRL_C), kill: () => terminal.kill() }
    : { ask: (name: string) => terminal.kill(name), kill: () => terminal.kill('SIGKILL') };

const CTRL_C = '\x03';

/** The package has a binary for each system, but not for all systems. */
async function load() {
  try {
    return await import('@lydell/node-pty');
  } catch (error) {
    throw new KeepaliveError('KA_PROGRAM_FAILED', { reason: whyNoTerminal(process) }, error);
  }
}

type Runtime = {
  readonly platform: string;
  readonly arch: string;
  readonly report?: { getReport(): unknown };
};

/** Why the package cannot be loaded, as a sentence. */
export function whyNoTerminal({ platform, arch, report }: Runtime): string {
  const system = `${platform}-${arch}${platform === 'linux' && isMusl(report?.getReport()) ? ' with musl' : ''}`;
  return `It needs a terminal, and @lydell/node-pty opens none on ${system}.`;
}

/** Node's report has the version of glibc, if that is the C library. */
const isMusl = (found: unknown): boolean =>
  isRecord(found) && isRecord(found['header']) && found['header']['glibcVersionRuntime'] === undefined;
