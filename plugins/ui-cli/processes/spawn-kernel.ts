import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../../sdk/base/json.ts';
import { withTimeout } from '../../../sdk/base/timeout.ts';
import { KERNEL_MAIN } from './kernel-main.ts';
import type { Channel } from '../../../sdk/client/channel.ts';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from '../../../sdk/contract/errors.ts';
import { ipcChannel } from '../../../sdk/client/ipc-channel.ts';

export type SpawnOptions = {
  /** A daemon outlives this command. A one-shot kernel serves only this command, and attempts nothing on its own. */
  readonly mode: 'daemon' | 'once';
  readonly configFile?: string | undefined;
  /** Uses a trusted configuration in the working directory. */
  readonly here?: boolean | undefined;
  /** Starts even if the configuration is invalid. */
  readonly tolerant?: boolean | undefined;
  /** Adds a practice session. */
  readonly demo?: boolean | undefined;
  /** The log file, named in the error if the kernel does not start. */
  readonly logFile: string;
  /** It may go on after this command. It does not hold our stderr, whose reader would wait for its end. */
  readonly mayOutlive?: boolean | undefined;
  /** Prints a line while a one-shot kernel finishes. */
  readonly note?: ((text: string) => void) | undefined;
  /** How long the start may take, in milliseconds. [60000] */
  readonly limitMs?: number | undefined;
};

/** A running kernel. */
export type KernelProcess = {
  readonly pid: number | undefined;
  readonly channel: Channel;
  /** Lets this process end without the daemon. */
  release(): void;
};

/** Starts a kernel in its own process. Rejects with the kernel's error if it does not start. */
export async function spawnKernel(
  options: SpawnOptions,
  main: string = fileURLToPath(KERNEL_MAIN),
): Promise<KernelProcess> {
  const { mode, here, tolerant, configFile, demo, mayOutlive } = options;
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
    stdio: ['ignore', 'ignore', mode === 'daemon' || mayOutlive ? 'ignore' : 'inherit', 'ipc'],
  });
  await firstMessage(child, options);
  if (mode === 'once') endAfter(child, options.note);
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
/** An idle kernel ends sooner than this, and the line would only flash by. */
const NOTE_AFTER_MS = 500;

/** The first signal stops the kernel after its renewal, and then us. A second signal ends only us. */
function endAfter(child: ChildProcess, note: SpawnOptions['note']): void {
  const unsubscribe = () => SIGNALS.forEach(signal => process.off(signal, onSignal));
  const onSignal = (signal: NodeJS.Signals) => {
    unsubscribe();
    // On Windows, kill() ends a process at once. The console already sends it the interrupt.
    if (process.platform !== 'win32') child.kill(signal);
    const timer = setTimeout(() => note?.(FINISHING), NOTE_AFTER_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      process.kill(process.pid, signal);
    });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  child.once('exit', unsubscribe);
}

async function firstMessage(child: ChildProcess, { logFile, limitMs = 60_000 }: SpawnOptions): Promise<void> {
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      const lost = (exitCode: number | null) =>
        reject(new KeepaliveError('KA_RPC_CONNECTION_LOST', { exitCode, log: logFile }));
      child.once('error', reject);
      child.once('exit', lost);
      child.once('message', message => {
        child.off('exit', lost);
        if (isReady(message)) resolve();
        else reject(failureOf(message));
      });
    });
  const timedOut = () => {
    child.kill();
    return new KeepaliveError('KA_RPC_TIMEOUT', { log: logFile, timeoutMs: limitMs });
  };
  await withTimeout(answer, { ms: limitMs, what: timedOut });
}

const isReady = (message: unknown): boolean => isRecord(message) && message['ready'] === true;

function failureOf(message: unknown): Error {
  const failed = isRecord(message) && isRecord(message['failed']) ? message['failed'] : {};
  const { code, details, text } = failed;
  const known = ERROR_CODES.find((name): name is ErrorCode => name === code);
  if (known) return new KeepaliveError(known, isRecord(details) ? details : {});
  return new Error(typeof text === 'string' ? text : 'The daemon did not start, and reported no reason.');
}
