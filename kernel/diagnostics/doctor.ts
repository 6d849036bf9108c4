import { inject, Lifecycle, scoped } from 'tsyringe';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import { findUserHome } from '../../sdk/system/home.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import type { Keeper } from '../session/keeper.ts';
import { Sessions } from '../session/sessions.ts';
import { unreadable } from '../../lifecycle/outcome.ts';
import { ConfigHolder, KernelOptions } from '../wiring/tokens.ts';
import type { Findings } from './findings.ts';
import { MACHINE_CHECKS, type Machine } from './machine-checks.ts';
import { checkSession, checkSharedLogin } from './session-checks.ts';

/** Checks everything that keeping sessions alive depends on, and says what to do. Changes nothing. */
@scoped(Lifecycle.ContainerScoped)
export class Doctor {
  constructor(
    @inject(KernelOptions) private readonly options: KernelOptions,
    @inject(ConfigHolder) private readonly config: ConfigHolder,
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(ContextFactory) private readonly contexts: ContextFactory,
  ) {}

  /** `others`: findings of the caller. */
  async run(plugins: readonly PluginInfo[], others: Findings = []): Promise<Findings> {
    const keepers = this.sessions.all();
    // The inspections go first: they fill in the clock skew and the shared logins.
    const ofSessions = await Promise.all(keepers.map(keeper => this.#session(keeper)));
    const machine: Machine = {
      options: this.options,
      config: this.config.current,
      refusal: this.config.refusal,
      sessions: this.sessions.ids,
      plugins,
      skewMs: this.contexts.skewMs(),
    };
    const ofMachine = await Promise.all(MACHINE_CHECKS.map(check => check(machine)));
    const shared = keepers.map(({ session }) => checkSharedLogin(session));
    // Some contain text of a plugin or an error.
    return this.contexts.scrubber.clean([...ofMachine, others, ...ofSessions, ...shared].flat());
  }

  async #session(keeper: Keeper): Promise<Findings> {
    const { contexts, options } = this;
    const seen = await keeper.inspect().catch(unreadable(contexts.scrubber.scrub));
    const userHome = findUserHome(options.env);
    return checkSession({ session: keeper.sessionWith(seen), contexts, seen, userHome, now: Date.now() });
  }
}
