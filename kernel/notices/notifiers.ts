import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Delivery, NotifierInfo } from '../../sdk/contract/rpc.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { testNotice } from '../../lifecycle/notice-rules.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { Settings } from '../state/settings.ts';
import { Log } from '../wiring/tokens.ts';

const LIMIT_MS = 15_000;

type Verb = 'raise' | 'clear' | 'unavailable';

/** A notifier and its queue: it is called for one notice at a time, in order. */
type Outlet = {
  readonly notifier: NotifierPlugin;
  queue: Promise<unknown>;
  /** Its last failure is in the log. Further ones are not logged until a delivery succeeds. */
  isLogged: boolean;
};

/** The plugins that carry notices to the user. */
@scoped(Lifecycle.ContainerScoped)
export class Notifiers {
  #outlets: readonly Outlet[] = [];

  constructor(
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(Settings) private readonly settings: Settings,
    @inject(Log) private readonly log: KernelLog,
  ) {}

  /** Replaces the notifiers. One that stays can still withdraw what it has shown. A new one also gets `missed`. */
  replace(notifiers: readonly NotifierPlugin[], missed: readonly Notice[]): void {
    const former = this.#outlets;
    this.#outlets = notifiers.map(
      notifier =>
        former.find(outlet => outlet.notifier === notifier) ?? { notifier, queue: Promise.resolve(), isLogged: false },
    );
    for (const outlet of this.#outlets.filter(one => !former.includes(one))) {
      for (const notice of missed) this.#send(outlet, 'raise', notice);
    }
  }

  raise(notice: Notice): void {
    for (const outlet of this.#outlets) this.#send(outlet, 'raise', notice);
  }

  clear(notice: Notice): void {
    for (const outlet of this.#outlets) this.#send(outlet, 'clear', notice);
  }

  list(): Promise<readonly NotifierInfo[]> {
    return Promise.all(this.#outlets.map(outlet => this.#infoOf(outlet)));
  }

  /** Switches a notifier on or off, and keeps the choice. */
  async configure(id: string, enabled: boolean): Promise<NotifierInfo> {
    const outlet = this.#outlets.find(({ notifier }) => notifier.id === id);
    if (!outlet) {
      throw new KeepaliveError('KA_NOTIFIER_NOT_FOUND', { id, known: this.#outlets.map(one => one.notifier.id) });
    }
    await this.settings.switchNotifier(id, enabled);
    return this.#infoOf(outlet);
  }

  /** Sends a test notice through every notifier that is on, and withdraws nothing. */
  test(): Promise<readonly Delivery[]> {
    const notice = { ...testNotice(), raisedAt: Date.now() };
    return Promise.all(this.#outlets.filter(outlet => this.#isOn(outlet)).map(outlet => this.#try(outlet, notice)));
  }

  #isOn({ notifier: { id } }: Outlet): boolean {
    return this.settings.isNotifierOn(id);
  }

  async #infoOf(outlet: Outlet): Promise<NotifierInfo> {
    const { id, place = `through the plugin ${id}` } = outlet.notifier;
    if (!this.#isOn(outlet)) return { id, place, status: 'off' };
    const reason = await this.#unavailable(outlet);
    return reason === undefined ? { id, place, status: 'on' } : { id, place, status: 'unavailable', reason };
  }

  async #unavailable({ notifier }: Outlet): Promise<string | undefined> {
    try {
      return await this.#call(notifier, 'unavailable', async context => notifier.unavailable?.(context));
    } catch (error) {
      return this.#describe(error);
    }
  }

  async #try(outlet: Outlet, notice: Notice): Promise<Delivery> {
    const { notifier } = outlet;
    const { id } = notifier;
    try {
      await this.#call(notifier, 'raise', context => notifier.raise(notice, context));
      return { id, delivered: true };
    } catch (error) {
      return { id, delivered: false, reason: (await this.#unavailable(outlet)) ?? this.#describe(error) };
    }
  }

  /** Removes secrets from a text. */
  scrub(text: string): string {
    return this.contexts.scrubber.scrub(text);
  }

  #describe(error: unknown): string {
    const { cause = error } = error instanceof Error ? error : {};
    return this.scrub(cause instanceof Error ? cause.message : String(cause));
  }

  /** One at a time, so that no notice is cleared before it was shown. One that was shown is cleared even when off. */
  #send(outlet: Outlet, verb: 'raise' | 'clear', notice: Notice): void {
    if (verb === 'raise' && !this.#isOn(outlet)) return;
    const { notifier } = outlet;
    outlet.queue = outlet.queue
      .then(() => this.#call(notifier, verb, async context => notifier[verb]?.(notice, context)))
      .then(
        () => void (outlet.isLogged &&= verb === 'clear'),
        (error: unknown) => this.#logOnce(outlet, error),
      );
  }

  #logOnce(outlet: Outlet, error: unknown): void {
    const { id } = outlet.notifier;
    if (!outlet.isLogged) {
      this.log.warn(
        { plugin: id, err: error },
        'a notifier could not show or clear a notice; `keepalive status` shows the same information',
      );
    }
    outlet.isLogged = true;
  }

  #call<T>(notifier: NotifierPlugin, verb: Verb, call: (context: NotifierContext) => Promise<T>): Promise<T> {
    return callPlugin(notifier, verb, LIMIT_MS, signal => call(this.contexts.notify(notifier, signal)));
  }
}
