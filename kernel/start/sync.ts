import { inTurn } from '../../sdk/base/in-turn.ts';
import type { Frontends } from '../plugins/frontends.ts';
import type { Assembly } from './assembly.ts';

/** Updates sessions and notices to match the loaded plugins. */
export async function sync({ plugins, sessions, notices, fleet }: Assembly): Promise<void> {
  notices.setNotifiers(plugins.notifiers, plugins.since, plugins.isLoading);
  const before = sessions.ids;
  await sessions.sync(plugins.loaded);
  for (const id of before) if (!sessions.ids.includes(id)) fleet.remove(id);
  // The sessions of a plugin that is still loading are not known yet. Their notices stay.
  notices.sessionsKept(sessions.ids, plugins.isLoading);
  notices.pluginsLoaded(plugins.infos);
}

/** Updates sessions, notices and frontends when a plugin loads or fails after the start. */
export class PluginFollower {
  readonly #inTurn = inTurn();
  #next: Promise<void> | undefined;
  #isOver = false;

  constructor(
    private readonly assembly: Assembly,
    private readonly frontends: Frontends,
  ) {}

  async start(): Promise<void> {
    const { plugins, log } = this.assembly;
    plugins.onChange(() => {
      this.now().catch((error: unknown) => log.error({ err: error }, 'a plugin that loaded late could not be used'));
    });
    await this.now();
  }

  /** Calls during a sync share the next one. */
  readonly now = (): Promise<void> =>
    (this.#next ??= this.#inTurn(async () => {
      this.#next = undefined;
      if (this.#isOver) return;
      await sync(this.assembly);
      this.assembly.warmUps.follow();
      await this.assembly.warmUpNotices.settle();
      this.frontends.sync(this.assembly.plugins.frontends);
    }));

  /** Resolves when a running sync has ended. */
  readonly stop = (): Promise<void> => {
    this.#isOver = true;
    return this.#inTurn(async () => undefined);
  };
}
