import 'reflect-metadata';
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { describeError } from '../../sdk/plugin/describe.ts';
import { isKeepaliveError, type ErrorCode } from '../../sdk/contract/errors.ts';
import { parentChannel } from '../../sdk/client/ipc-channel.ts';
import { printable } from '../../sdk/base/printable.ts';
import { refuseDebugger } from '../../sdk/system/refuse-debugger.ts';
import { workingFolder } from '../../sdk/config-file/search-config.ts';
import { errnoOf } from '../../sdk/base/errno.ts';
import { reapOrphans } from '../../runtime/capabilities/orphans.ts';
import { readVersion } from '../../runtime/installation.ts';
import { startKernel, type RunningKernel } from './kernel.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { serveOnce } from './once.ts';
import { prepareProcess, surviveErrors } from './process.ts';
import { logRefusedStart } from './refused-start.ts';
import { releaseYoungSpace } from '../../sdk/system/young-space.ts';
import type { Demo } from '../plugins/plugins.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  KA_KERNEL_RUNNING: 3,
  KA_CONFIG_INVALID: 7,
  KA_CONFIG_NOT_FOUND: 7,
  KA_HOME_NEWER: 7,
};

export type DaemonOptions = {
  readonly configFile?: string | undefined;
  readonly cwd?: string | undefined;
  readonly demo?: Demo;
  /** A service manager starts it. */
  readonly byService?: boolean | undefined;
};

/** Runs the daemon in this process until a client or a signal stops it. Rejects if it cannot start. */
export async function startDaemon({ configFile, cwd, demo, byService }: DaemonOptions = {}): Promise<
  Pick<RunningKernel, 'stopped' | 'connect'>
> {
  refuseDebugger();
  // Checked now: the terminal may be gone later.
  const hasTerminal = [0, 1, 2].some(isatty);
  const start = { ...prepareProcess(), configFile, cwd, demo, byService };
  const kernel = await startKernel(start, ({ log, stop }) => {
    for (const signal of SIGNALS) {
      const reopens = signal === 'SIGHUP' && !hasTerminal;
      process.on(signal, () => (reopens ? noteReopened(log) : stop(signal)));
    }
    for (const stream of [process.stdout, process.stderr]) surviveOutputErrors(stream, log);
    if (process.platform !== 'win32') process.on('SIGUSR1', () => log.warn('SIGUSR1 is ignored'));
    surviveErrors(log);
  });
  releaseYoungSpace();
  await reapOrphans(err => kernel.log.warn({ err }, 'orphans are not reaped; start the container with --init'));
  return kernel;
}

/** logrotate sends SIGHUP after it moved a log. A moved log is reopened at its next line, which this writes. */
const noteReopened = (log: KernelLog): void => log.info('SIGHUP: the log is reopened');

/** The daemon keeps running if the reader of its output exits or a disk is full. */
function surviveOutputErrors(stream: NodeJS.WriteStream, log: KernelLog): void {
  stream.on('error', () => undefined);
  stream.once('error', error => {
    log.warn({ reason: errnoOf(error) }, 'the output cannot be written; the daemon continues without it');
  });
}

/** The program `keepalived`. It reports to its parent over IPC that it is ready, or why it failed. */
export async function main(): Promise<void> {
  // If the output cannot be written, the exit code still says what went wrong.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  await run().then(() => process.exit(), fail);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      home: { type: 'string' },
      demo: { type: 'boolean' },
      once: { type: 'boolean' },
      here: { type: 'boolean' },
      service: { type: 'boolean' },
      tolerant: { type: 'boolean' },
      version: { type: 'boolean' },
    },
  });
  if (values.version) return void process.stdout.write(`${readVersion()}\n`);
  refuseDebugger();
  if (values.home !== undefined) process.env['KEEPALIVE_HOME'] = values.home;
  const configFile = values.config;
  const cwd = values.here ? workingFolder() : undefined;
  const { stopped } = values.once
    ? await serveOnce(
        { ...prepareProcess(), configFile, cwd, tolerant: values.tolerant },
        parentChannel(),
        (log, stop) => {
          surviveErrors(log);
          for (const signal of SIGNALS) process.on(signal, stop);
        },
      )
    : await startDaemon({ configFile, demo: values.demo ? true : undefined, byService: values.service });
  process.send?.({ ready: true });
  await stopped;
}

function fail(error: unknown): void {
  const code = isKeepaliveError(error) ? error.code : undefined;
  const known = code && EXIT_CODES[code];
  const exitCode = known === undefined ? 1 : isStartedByLaunchd() ? 0 : known;
  const text = describeError(error);
  const details = isKeepaliveError(error) ? error.details : {};
  process.exitCode = exitCode;
  if (process.send) process.send({ failed: { exitCode, text, code, details } }, () => process.disconnect?.());
  else {
    process.stderr.write(printable(`keepalived: ${text}\n`));
    // The output of a service may go nowhere.
    logRefusedStart(error);
  }
}

/** launchd starts again what does not end with 0, although another start would mend nothing. */
const isStartedByLaunchd = (): boolean => process.platform === 'darwin' && process.argv.includes('--service');
