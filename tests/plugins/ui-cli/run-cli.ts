import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { runCli, type CliDeps } from '../../../plugins/ui-cli/cli.ts';
import type { System } from '../../../plugins/ui-cli/processes/connections.ts';
import { spawnTrial } from '../../../plugins/ui-cli/processes/spawn-trial.ts';
import { UNPACKED } from '../../support/daemon/daemon.ts';
import { NOW, type FakeKernel } from './fake-kernel.ts';

export type Result = { readonly exitCode: number; readonly out: string; readonly err: string };

export type Circumstances = Partial<
  Pick<CliDeps, 'env' | 'inherited' | 'become' | 'platform' | 'interrupted' | 'now' | 'keyboard'>
> & {
  /** The running daemon. [none] */
  readonly daemon?: FakeKernel | undefined;
  readonly system?: Partial<System>;
  /** Gets what is printed, as it is printed. */
  readonly output?: (text: string) => void;
  readonly terminal?: { readonly columns: number } | undefined;
};

/** The program that tests a plugin. */
const TRIAL = join(UNPACKED, 'runtime/trial/main.js');

const none = async (): Promise<never> => {
  throw new KeepaliveError('KA_RPC_NO_DAEMON');
};

/** Runs a command line in this process, with fakes for everything outside. */
export async function keepalive(
  argv: readonly string[],
  { daemon, system, output, terminal, ...world }: Circumstances = {},
): Promise<Result> {
  let out = '';
  let err = '';
  const exitCode = await runCli(argv, {
    out: { write: text => ((out += text), output?.(text)), isTTY: Boolean(terminal), columns: terminal?.columns },
    err: { write: text => void (err += text) },
    env: { KEEPALIVE_HOME: temporaryFolder() },
    inherited: {},
    become: async () => 0,
    platform: 'linux',
    now: () => NOW,
    interrupted: () => AbortSignal.abort(),
    keyboard: { isPresent: false, enter: async () => false, listen: () => () => undefined },
    ...world,
    system: {
      connect: daemon ? async () => daemon.client() : none,
      spawn: none,
      serveHere: async () => undefined,
      runDaemon: none,
      spawnTray: none,
      tryPlugin: request => spawnTrial(request, { main: TRIAL }),
      isRunning: () => false,
      isAlive: () => false,
      terminate: () => undefined,
      readInput: async () => '',
      async *readLines() {},
      openInBrowser: async () => false,
      ask: async () => undefined,
      ...system,
    },
  });
  return { exitCode, out, err };
}

/** A folder that is removed with all of the run. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'keepalive-cli-'));
