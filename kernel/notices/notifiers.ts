import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Delivery, NotifierInfo } from '../../sdk/contract/rpc.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { testNotice } from '../../lifecycle/notice-rules.ts';
import { Outboxes } from '../../state/outboxes.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { NotifierCalls, NotifierRules } from './dependencies.ts';
import { Outlet } from './outlet.ts';

export type Replacement = {
  /** For notifiers that are new. */
  readonly missed: readonly Notice[];
  readonly isActive: (id: string) => boolean;
  /** More notifiers are still loading. */
  readonly more: boolean;
};

/** The plugins that carry notices to the user. */
@scoped(Lifecycle.ContainerScoped)
export class Notifiers {
  #outlets: readonly Outlet[] = [];

  constructor(
    @inject(NotifierCalls) private readonly calls: NotifierCalls,
    @inject(NotifierRules) private readonly rules: NotifierRules,
    @inject(Outboxes) private readonly outboxes: Outboxes,
    @inject(Scheduler) private readonly scheduler: Scheduler,
  ) {
    scheduler.onJump(() => this.#outlets.forEach(outlet => outlet.adapt()));
    scheduler.onNetworkChange(() => this.#outlets.forEach(outlet => outlet.retry()));
  }

  /** Replaces the notifiers. One that stays, by its id, can still withdraw what it has shown. */
  replace(notifiers: readonly NotifierPlugin[], { missed, isActive, more }: Replacement): void {
    const former = new Map(this.#outlets.map(outlet => [outlet.notifier.id, outlet]));
    const { calls, rules, scheduler } = this;
    this.#outlets = notifiers.map(notifier => {
      const known = former.get(notifier.id);
      if (known) return Object.assign(known, { notifier });
      const outlet = new Outlet(notifier, this.outboxes.of(notifier.id), { calls, rules, scheduler });
      outlet.resume(isActive);
      for (const notice of missed) outlet.raise(notice);
      return outlet;
    });
    if (!more) this.outboxes.keepOnly(notifiers.map(({ id }) => id));
    for (const outlet of this.#outlets) outlet.adapt();
  }

  raise(notice: Notice): void {
    for (const outlet of this.#outlets) outlet.raise(notice);
  }

  clear(notice: Notice): void {
    for (const outlet of this.#outlets) outlet.clear(notice);
  }

  list(): Promise<readonly NotifierInfo[]> {
    return Promise.all(this.#outlets.map(outlet => this.#infoOf(outlet)));
  }

  /** Switches a notifier on or off, and keeps the choice. What it still had to deliver is forgotten. */
  async configure(id: string, enabled: boolean): Promise<NotifierInfo> {
    const outlet = this.#find(id);
    await this.rules.switch(id, enabled);
    outlet.adapt();
    return this.#infoOf(outlet);
  }

  /** Sends a test notice at once through every notifier that is on, or through one, and withdraws nothing. */
  async test(id?: string): Promise<readonly Delivery[]> {
    const notice = { ...testNotice(), raisedAt: Date.now() };
    const tested = id === undefined ? this.#outlets.filter(outlet => this.#isOn(outlet)) : [this.#find(id)];
    return Promise.all(tested.map(outlet => this.#try(outlet, notice)));
  }

  #find(id: string): Outlet {
    const outlet = this.#outlets.find(({ notifier }) => notifier.id === id);
    if (outlet) return outlet;
    throw new KeepaliveError('KA_NOTIFIER_NOT_FOUND', { id, known: this.#outlets.map(one => one.notifier.id) });
  }

  #isOn({ notifier: { id } }: Outlet): boolean {
    return this.rules.isOn(id);
  }

  async #infoOf(outlet: Outlet): Promise<NotifierInfo> {
    const { id, place = `through the plugin ${id}` } = outlet.notifier;
    const { quiet } = this.rules;
    const route = this.rules.routeOf(id);
    const { count, until } = outlet.waiting;
    const about = {
      ...(quiet && { quiet: { ...quiet, ...(until !== undefined && { until }) } }),
      ...(route && { route }),
      ...(count > 0 && { waiting: count }),
    };
    if (!this.#isOn(outlet)) return { id, place, status: 'off', ...about };
    const reason = await this.#unavailable(outlet);
    return { id, place, ...(reason === undefined ? { status: 'on' } : { status: 'unavailable', reason }), ...about };
  }

  async #unavailable({ notifier }: Outlet): Promise<string | undefined> {
    try {
      return await this.calls.call(notifier, 'unavailable', async context => notifier.unavailable?.(context));
    } catch (error) {
      return this.calls.describe(error);
    }
  }

  async #try(outlet: Outlet, notice: Notice): Promise<Delivery> {
    const { notifier } = outlet;
    const { id } = notifier;
    if (!this.#isOn(outlet))
      return { id, delivered: false, reason: `It is switched off (\`keepalive notify on ${id}\`).` };
    try {
      await this.calls.call(notifier, 'raise', context => notifier.raise(notice, context));
      outlet.retry();
      return { id, delivered: true };
    } catch (error) {
      return { id, delivered: false, reason: (await this.#unavailable(outlet)) ?? this.calls.describe(error) };
    }
  }

  /** Removes secrets from a text. */
  scrub(text: string): string {
    return this.calls.scrub(text);
  }
}
