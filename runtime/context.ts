import { join } from 'node:path';
import { findUserHome, type Home } from '../sdk/system/home.ts';
import type { Logger } from '../sdk/plugin/logger.ts';
import type { Machine } from '../sdk/plugin/frontend.ts';
import type { NotifierContext } from '../sdk/plugin/notifier.ts';
import type { InspectContext, ProviderContext } from '../sdk/plugin/provider.ts';
import type { SignInContext } from '../sdk/plugin/sign-in.ts';
import type { CriticalTable } from './files/critical.ts';
import { createFiles, FILES_CRITICAL, type KernelFiles } from './files/files.ts';
import { createExec, PROGRAM_CRITICAL } from './capabilities/exec.ts';
import { createNetwork, fetchCritical, type Network } from './capabilities/network.ts';
import { listProcesses } from './capabilities/processes.ts';
import { createPty } from './capabilities/pty.ts';
import { createWhich } from './capabilities/which.ts';

/** What differs from one attempt to the next. */
export type AttemptFacts = Pick<ProviderContext, 'reason' | 'force' | 'refreshBefore' | 'renewFrom' | 'last'>;

/** The functions of an attempt's context. */
type ContextFunctions = Omit<ProviderContext, keyof AttemptFacts | 'signal' | 'env' | 'log' | 'files'> & {
  readonly files: KernelFiles;
};

/** Which functions of an attempt's context are critical. */
export const CONTEXT_CRITICAL: CriticalTable<ContextFunctions> = {
  files: FILES_CRITICAL,
  which: 'never',
  now: 'never',
  conceal: 'never',
  fetch: fetchCritical,
  exec: PROGRAM_CRITICAL,
  pty: PROGRAM_CRITICAL,
  processes: 'never',
};

export type CapabilitiesOptions = {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly conceal: (secret: string) => void;
  readonly maxNotes?: number | undefined;
};

/** How a sign-in talks to the user. */
export type SignInTalk = Pick<SignInContext, 'device' | 'show' | 'ask'>;

/** What plugins may use. The same in the daemon and in plugin processes. */
export type Capabilities = {
  readonly network: Network;
  readonly files: KernelFiles;
  readonly inspect: (log: Logger, signal: AbortSignal) => InspectContext;
  readonly attempt: (log: Logger, signal: AbortSignal, facts: AttemptFacts) => ProviderContext;
  readonly signIn: (log: Logger, signal: AbortSignal, talk: SignInTalk) => SignInContext;
  readonly notify: (log: Logger, signal: AbortSignal) => NotifierContext;
  /** What a frontend may use, but for its alarms. */
  readonly machine: Omit<Machine, 'at'>;
};

export function createCapabilities({ home, env, conceal, maxNotes }: CapabilitiesOptions): Capabilities {
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
    signIn: (log, signal, talk) => ({ ...inspect(log, signal), ...talk, fetch: network.fetch, exec, pty }),
    machine: { files, env, now, exec, processes: listProcesses },
    notify: (log, signal) => ({ signal, log, env, conceal, exec, fetch: network.fetch }),
  };
}
