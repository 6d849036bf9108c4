import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../sdk/base/json.ts';
import type { Channel } from '../../sdk/client/channel.ts';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import { ipcChannel } from '../../sdk/client/ipc-channel.ts';

/** The kernel's program. Beside us in every installation, and never imported: the kernel is another process. */
export const KERNEL_MAIN = new URL('../../kernel/main.js', import.meta.url);

export type SpawnOptions = {
  /** A daemon goes on when we end; a one-shot kernel serves this command alone and attempts nothing by itself. */
  readonly mode: 'daemon' | 'once';
  readonly configFile?: string | undefined;
  /** A trusted configuration in the working directory is used. */
  readonly here?: boolean | undefined;
  /** It comes up, and tells what it can, also where the configuration is refused. */
  readonly tolerant?: boolean | undefined;
  /** Adds a practice session. */
  readonly demo?: boolean | undefined;
  /** Where its log is, for the person to look at if it does not start. */
  readonly logFile: string;
  /** Shows the user a line while a one-shot kernel finishes. */
  readonly tell?: ((text: string) => void) | undefined;
  /** How long it may take until it answers, in milliseconds. [60000] */
  readonly limitMs?: number | undefined;
};

/** A kernel that answers. */
export type KernelProcess = {
  readonly pid: number | undefined;
  readonly channel: Channel;
  /** Lets a daemon go on alone. */
  release(): void;
};

/** Starts a kernel in a process of its own. Rejects with its own error where it does not come up. */
export async function spawnKernel(
  options: SpawnOptions,
  main: string = fileURLToPath(KERNEL_MAIN),
): Promise<KernelProcess> {
  const { mode, here, tolerant, configFile, demo } = options;
  const args = [
    main,
    ...(mode === 'once' ? ['--once'] : []),
    ...(here ? ['--here'] : []),
    ...(tolerant ? ['--tolerant'] : []),
    ...(configFile ? ['--config', configFile] : []),
    ...(demo ? ['--demo'] : []),
  ];
  const child = spawn(process.execPath, args, {
    detached: mode === 'daemon',
    windowsHide: true,
    stdio: ['ignore', 'ignore', mode === 'daemon' ? 'ignore' : 'inherit', 'ipc'],
  });
  await firstMessage(child, options);
  if (mode === 'once') endAfter(child, options.tell);
  return {
    pid: child.pid,
    channel: ipcChannel(child),
    release() {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const FINISHING = 'Stopping once the renewal under way is saved. Interrupt again to let it finish in the background.';
/** A kernel with nothing under way ends before the line could be read. */
const TELL_AFTER_MS = 500;

/** A signal first stops the kernel, which finishes its renewal, and then us. A second signal ends us alone. */
function endAfter(child: ChildProcess, tell: SpawnOptions['tell']): void {
  const forget = () => SIGNALS.forEach(signal => process.off(signal, onSignal));
  const onSignal = (signal: NodeJS.Signals) => {
    forget();
    // On Windows this would end it at once, and the console signals it anyway.
    if (process.platform !== 'win32') child.kill(signal);
    const telling = setTimeout(() => tell?.(FINISHING), TELL_AFTER_MS);
    child.once('exit', () => {
      clearTimeout(telling);
      process.kill(process.pid, signal);
    });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  child.once('exit', forget);
}

function firstMessage(child: ChildProcess, { logFile, limitMs = 60_000 }: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new KeepaliveError('KA_RPC_TIMEOUT', { log: logFile, timeoutMs: limitMs }));
    }, limitMs);
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      settled();
    };
    child.once('error', error => settle(() => reject(error)));
    child.once('exit', exitCode =>
      settle(() => reject(new KeepaliveError('KA_RPC_CONNECTION_LOST', { exitCode, log: logFile }))),
    );
    child.once('message', message => settle(() => (isReady(message) ? resolve() : reject(failureOf(message)))));
  });
}

const isReady = (message: unknown): boolean => isRecord(message) && message['ready'] === true;

function failureOf(message: unknown): Error {
  const failed = isRecord(message) && isRecord(message['failed']) ? message['failed'] : {};
  const { code, details, text } = failed;
  const known = ERROR_CODES.find((name): name is ErrorCode => name === code);
  if (known) return new KeepaliveError(known, isRecord(details) ? details : {});
  return new Error(typeof text === 'string' ? text : 'The daemon did not start, and did not say why.');
}
