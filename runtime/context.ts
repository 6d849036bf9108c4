import { join } from 'node:path';
import { findUserHome, type Home } from '../sdk/system/home.ts';
import type { Logger } from '../sdk/plugin/logger.ts';
import type { NotifierContext } from '../sdk/plugin/notifier.ts';
import type { InspectContext, ProviderContext } from '../sdk/plugin/provider.ts';
import { createFiles, type KernelFiles } from './files/files.ts';
import { createExec } from './capabilities/exec.ts';
import { createNetwork, type Network } from './capabilities/network.ts';
import { listProcesses } from './capabilities/processes.ts';
import { createPty } from './capabilities/pty.ts';
import { createWhich } from './capabilities/which.ts';

/** What differs from one attempt to the next. */
export type AttemptFacts = Pick<ProviderContext, 'reason' | 'force' | 'refreshBefore' | 'renewFrom' | 'last'>;

export type EquipmentOptions = {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly conceal: (secret: string) => void;
  readonly maxNotes?: number | undefined;
};

/** What plugins get to work with, in whatever process they run. */
export type Equipment = {
  readonly network: Network;
  readonly files: KernelFiles;
  readonly inspect: (log: Logger, signal: AbortSignal) => InspectContext;
  readonly attempt: (log: Logger, signal: AbortSignal, facts: AttemptFacts) => ProviderContext;
  readonly notify: (log: Logger, signal: AbortSignal) => NotifierContext;
};

export function createEquipment({ home, env, conceal, maxNotes }: EquipmentOptions): Equipment {
  const now = () => Date.now();
  const network = createNetwork(env, now);
  const programs = { workDir: join(home.stateDir, 'empty'), env };
  const exec = createExec(programs);
  const pty = createPty(programs);
  const files = createFiles({ userHome: findUserHome(env), journalDir: home.journal, maxNotes });
  const inspect = (log: Logger, signal: AbortSignal): InspectContext => ({
    signal,
    env,
    log,
    files,
    which: createWhich(env),
    now,
    conceal,
  });
  return {
    network,
    files,
    inspect,
    attempt: (log, signal, facts) => ({
      ...inspect(log, signal),
      ...facts,
      fetch: network.fetch,
      exec,
      pty,
      processes: listProcesses,
    }),
    notify: (log, signal) => ({ signal, log, exec, fetch: network.fetch }),
  };
}
