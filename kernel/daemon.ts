import { parseArgs } from 'node:util';
import { describeError } from '../sdk/describe.ts';
import { isKeepaliveError, type ErrorCode } from '../sdk/errors.ts';
import { locateHome } from '../sdk/home.ts';
import { parentChannel } from '../sdk/ipc-channel.ts';
import { workingFolder } from '../sdk/search-config.ts';
import { refuseDebugger } from '../sdk/refuse-debugger.ts';
import { readVersion } from './installation.ts';
import { startKernel } from './kernel.ts';
import { serveOnce } from './once.ts';
import type { Demo } from './plugins/plugins.ts';

const EXIT_CODES: Partial<Record<ErrorCode, number>> = { KA_KERNEL_RUNNING: 3, KA_CONFIG_INVALID: 7, KA_CONFIG_NOT_FOUND: 7 };

export type DaemonOptions = { readonly configFile?: string | undefined; readonly cwd?: string | undefined; readonly demo?: Demo };

/** Runs the daemon in this process, until it is told to stop by a client or a signal. Rejects where it cannot start. */
export async function startDaemon({ configFile, cwd, demo }: DaemonOptions = {}): Promise<{ readonly stopped: Promise<void> }> {
  refuseDebugger();
  const { stopped } = await startKernel({ ...here(), configFile, cwd, demo }, ({ log, stop }) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
    if (process.platform !== 'win32') process.on('SIGUSR1', () => log.warn('SIGUSR1 is ignored'));
    // Plugins may leave rejections and timers behind; the other sessions go on.
    process.on('unhandledRejection', error => log.error({ err: error }, 'a rejection was not handled'));
    process.on('uncaughtException', error => log.error({ err: error }, 'an error was not caught'));
  });
  return { stopped };
}

/** The program `keepalived`, to its end. Tells the process that started it, over IPC, whether it answers. */
export async function main(): Promise<void> {
  await run().then(() => process.exit(), fail);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, home: { type: 'string' }, demo: { type: 'boolean' }, once: { type: 'boolean' }, here: { type: 'boolean' }, tolerant: { type: 'boolean' }, version: { type: 'boolean' } },
  });
  if (values.version) return void process.stdout.write(`${readVersion()}\n`);
  refuseDebugger();
  if (values.home !== undefined) process.env['KEEPALIVE_HOME'] = values.home;
  const configFile = values.config;
  const { stopped } = values.once ? await serveOnce({ ...here(), configFile, cwd: values.here ? workingFolder() : undefined, tolerant: values.tolerant }, parentChannel()) : await startDaemon({ configFile, demo: values.demo ? true : undefined });
  process.send?.({ ready: true });
  await stopped;
}

function here() {
  // Whatever is written in the home, also by a library, is for its owner alone.
  process.umask(0o077);
  return { home: locateHome(), version: readVersion(), env: process.env };
}

function fail(error: unknown): void {
  const code = isKeepaliveError(error) ? error.code : undefined;
  const exitCode = (code && EXIT_CODES[code]) ?? 1;
  const text = describeError(error);
  const details = isKeepaliveError(error) ? error.details : {};
  process.exitCode = exitCode;
  if (process.send) process.send({ failed: { exitCode, text, code, details } }, () => process.disconnect?.());
  else process.stderr.write(`keepalived: ${text}\n`);
}
