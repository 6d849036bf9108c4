import { homedir } from 'node:os';
import { join } from 'node:path';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { NotifierContext } from '../../sdk/notifier.ts';
import type { InspectContext, LastOutcome, ProviderContext, RefreshReason } from '../../sdk/provider.ts';
import { Scrubber } from '../scrub.ts';
import { KernelOptions, Log, type KernelOptions as Options } from '../tokens.ts';
import type { KernelLog } from '../log.ts';
import { createExec } from './exec.ts';
import { createPty } from './pty.ts';
import { createFiles } from '../files/files.ts';
import { createNetwork, type Network } from './network.ts';
import { listProcesses } from './processes.ts';
import { createWhich } from './which.ts';

export type AttemptFacts = {
  readonly reason: RefreshReason;
  readonly force: boolean;
  readonly refreshBefore: number;
  readonly last?: LastOutcome | undefined;
};

/** Makes what plugins get to work with. */
@scoped(Lifecycle.ContainerScoped)
export class Contexts {
  readonly network: Network;
  readonly #exec;
  readonly #pty;
  readonly #files;

  constructor(
    @inject(KernelOptions) private readonly options: Options,
    @inject(Log) private readonly log: KernelLog,
    @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {
    const { env, home } = options;
    this.network = createNetwork(env, () => Date.now());
    const programs = { workDir: join(home.stateDir, 'empty'), env };
    this.#exec = createExec(programs);
    this.#pty = createPty(programs);
    this.#files = createFiles({ userHome: env['HOME'] ?? homedir(), journalDir: home.journal });
  }

  inspect(plugin: { readonly id: string }, signal: AbortSignal): InspectContext {
    const { env } = this.options;
    return {
      signal, env,
      log: this.log.child({ plugin: plugin.id }),
      files: this.#files,
      which: createWhich(env),
      now: () => Date.now(),
      conceal: this.scrubber.conceal,
    };
  }

  attempt(plugin: { readonly id: string }, signal: AbortSignal, facts: AttemptFacts): ProviderContext {
    return { ...this.inspect(plugin, signal), ...facts, fetch: this.network.fetch, exec: this.#exec, pty: this.#pty, processes: listProcesses };
  }

  notify(plugin: { readonly id: string }, signal: AbortSignal): NotifierContext {
    return { signal, log: this.log.child({ plugin: plugin.id }), exec: this.#exec, fetch: this.network.fetch };
  }
}
