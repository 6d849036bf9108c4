import { delimiter, dirname } from 'node:path';
import { KeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import type { Exec, ExecOptions } from '../../sdk/plugin/process.ts';
import type { Critical } from '../files/critical.ts';
import { isExhausted } from '../../sdk/base/errno.ts';
import { makeFolder } from '../files/folder.ts';
import { endOnWindows, killTree } from './end-on-windows.ts';
import { captureOutput } from './output.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A grandchild may keep the inherited pipes open. They are read for this long after the program has exited. */
const LINGER_MS = 1_000;

/** A folder that nothing else uses, and the environment that programs start from. */
export type ProgramOptions = {
  readonly workDir: string;
  readonly env: Env;
  /** Tests pass another one. */
  readonly platform?: NodeJS.Platform;
};

/** A vendor's program may be renewing a credential while it runs. */
export const PROGRAM_CRITICAL = 'until-settled' satisfies Critical;

/** Runs programs. */
export const createExec =
  ({ workDir, env, platform = process.platform }: ProgramOptions): Exec =>
  async (program, args, options = {}) => {
    const { input, talk, signal, timeoutMs = 60_000, graceMs = 10_000 } = options;
    const [{ execa }] = await Promise.all([import('execa'), makeFolder(workDir)]);
    signal?.throwIfAborted();
    const isWindows = platform === 'win32';
    const child = starting(program, () =>
      execa(program, args, {
        cwd: options.cwd ?? workDir,
        env: childEnvironment(env, options.env),
        extendEnv: false,
        stdin: input === undefined && !talk ? 'ignore' : 'pipe',
        ...(input !== undefined && { input }),
        buffer: false,
        reject: false,
        // A daemon that ends must not take a program with it that may be renewing a credential.
        cleanup: false,
        // Ctrl-C and a closed terminal signal the whole group. On Windows, `detached` would open a window.
        detached: !isWindows,
        // At the limit and on abort it gets SIGTERM, and after the grace time SIGKILL.
        timeout: isWindows ? 0 : timeoutMs,
        forceKillAfterDelay: graceMs,
        ...(signal && !isWindows && { cancelSignal: signal }),
        windowsHide: true,
      }),
    );
    const kill = () => killTree({ pid: child.pid, kill: () => child.kill('SIGKILL') }, env);
    const ending = isWindows ? endOnWindows({ timeoutMs, graceMs, signal }, kill) : undefined;
    child.once('exit', () =>
      setTimeout(() => [child.stdout, child.stderr].forEach(stream => stream.destroy()), LINGER_MS).unref(),
    );
    const stdout = captureOutput(child.stdout);
    const conversation = talk && child.stdin ? converse(child.stdin, stdout.lines, talk) : Promise.resolve();
    const printed = conversation.then(
      () => stdout.drain(),
      () => stdout.drain(),
    );
    const done = Promise.all([child, printed, captureOutput(child.stderr).drain()]);
    const [result, out, err] = await done.finally(ending?.clear);

    if (result.isCanceled || (ending && signal?.aborted)) throw signal?.reason;
    const timedOut = result.timedOut || ending?.hasTimedOut() === true;
    if (result.exitCode === undefined && result.signal === undefined && !timedOut) {
      throw new KeepaliveError(notStarted(result.code), { program, reason: result.code });
    }
    await conversation;
    return { exitCode: result.exitCode, stdout: out, stderr: err, timedOut };
  };

/** A lack of files or memory is a problem of the machine, not of the program. */
const notStarted = (reason: string | undefined): ErrorCode =>
  reason === 'ENOENT' ? 'KA_PROGRAM_NOT_FOUND' : isExhausted(reason) ? 'KA_MACHINE_EXHAUSTED' : 'KA_PROGRAM_FAILED';

/** Out of file descriptors, Node returns a process without streams, and execa fails with a TypeError. */
function starting<T>(program: string, start: () => T): T {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof TypeError && error.message.includes('stdio'))) throw error;
    throw new KeepaliveError('KA_MACHINE_EXHAUSTED', { program, reason: 'EMFILE' }, error);
  }
}

async function converse(
  stdin: NodeJS.WritableStream,
  lines: AsyncIterable<string>,
  talk: NonNullable<ExecOptions['talk']>,
): Promise<void> {
  // A program that has ended also ends its lines, which ends the conversation.
  stdin.on('error', () => {});
  try {
    await talk({ lines, send: line => void stdin.write(`${line}\n`) });
  } finally {
    stdin.end();
  }
}

/** The daemon's environment with the changes, without the variables that are for the daemon only. */
export function childEnvironment(env: Env, changes: Env = {}): NodeJS.ProcessEnv {
  const wanted = Object.entries({ ...env, ...changes }).filter(
    ([name, value]) => value !== undefined && !/^KEEPALIVE_/i.test(name),
  );
  return Object.fromEntries(wanted.map(([name, value]) => [name, /^path$/i.test(name) ? withNode(value) : value]));
}

/** Most of these programs are scripts that need node on the PATH, and the PATH of a daemon may lack it. */
function withNode(path = ''): string {
  const folder = dirname(process.execPath);
  return path.split(delimiter).includes(folder) ? path : [path, folder].filter(Boolean).join(delimiter);
}
