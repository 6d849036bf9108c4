import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { CheckedParams, WarmUp, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { WarmUps as OfPlugin, WarmUpsContext } from '../../sdk/plugin/warm-ups.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { Plugins } from '../plugins/plugins.ts';
import { Sessions } from '../session/sessions.ts';
import { Events } from '../wiring/tokens.ts';

const DEFAULT_PLAN = 10;
const DEFAULT_LIMIT = 100;

type Found = { readonly id: string; readonly warmUps: OfPlugin };

/** The warm-ups of the loaded plugins. Their plugins make them; the kernel only shows them. */
@scoped(Lifecycle.ContainerScoped)
export class WarmUps {
  readonly #following = new Map<FrontendPlugin, Cleanup>();

  constructor(
    @inject(Plugins) private readonly plugins: Plugins,
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(Events) private readonly events: Events,
  ) {}

  async list({ id, plan = DEFAULT_PLAN }: CheckedParams<'warmup/list'>): Promise<readonly WarmUp[]> {
    const added = new Set(this.plugins.loaded.flatMap(one => (one.added ? [one.plugin.id] : [])));
    const shown = this.#chosen(id).map(async one => {
      const warmUp = await one.warmUps.show(plan, this.#context());
      return added.has(one.id) ? { ...warmUp, added: true as const } : warmUp;
    });
    return Promise.all(shown);
  }

  async history({ id, limit = DEFAULT_LIMIT }: CheckedParams<'warmup/history'>): Promise<readonly WarmUpRun[]> {
    const runs = await Promise.all(this.#chosen(id).map(one => one.warmUps.history(this.#context())));
    return runs
      .flat()
      .toSorted((a, b) => b.endedAt - a.endedAt)
      .slice(0, limit);
  }

  async resume(id: string): Promise<WarmUp> {
    for (const one of this.#chosen(id)) await one.warmUps.resume(this.#context());
    return this.get(id);
  }

  async get(id: string): Promise<WarmUp> {
    const [found] = await this.list({ id });
    if (!found) throw new KeepaliveError('KA_WARMUP_NOT_FOUND', { id });
    return found;
  }

  /** Forgets what a warm-up did, also after it was removed. */
  forgetting(id: string): () => Promise<void> {
    const found = this.#chosen(id);
    return async () => {
      for (const { warmUps } of found) await warmUps.forget(this.#context());
    };
  }

  /** The warm-up of a plugin, whether or not it is in use. */
  async showOf({ warmUps }: FrontendPlugin): Promise<WarmUp | undefined> {
    return warmUps?.show(1, this.#context());
  }

  /** Follows the runs of the plugins that are loaded now, and of no other. */
  follow(): void {
    const wanted = this.plugins.frontends;
    for (const [plugin, stop] of this.#following)
      if (!wanted.includes(plugin)) {
        void stop();
        this.#following.delete(plugin);
      }
    for (const plugin of wanted) {
      if (!plugin.warmUps || this.#following.has(plugin)) continue;
      this.#following.set(
        plugin,
        plugin.warmUps.onRun(run => this.events.emit('warmedUp', run)),
      );
    }
  }

  #chosen(id: string | undefined): readonly Found[] {
    const all = this.plugins.frontends.flatMap(({ id: own, warmUps }) => (warmUps ? [{ id: own, warmUps }] : []));
    if (id === undefined) return all;
    const found = all.filter(one => one.id === id);
    if (found.length === 0) throw new KeepaliveError('KA_WARMUP_NOT_FOUND', { id });
    return found;
  }

  #context(): WarmUpsContext {
    const { files } = this.contexts;
    const sessions = this.sessions.all().map(keeper => keeper.session);
    return { files, now: Date.now(), sessions };
  }
}
