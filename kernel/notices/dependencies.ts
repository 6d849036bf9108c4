import { inject, Lifecycle, scoped } from 'tsyringe';
import type { NoticeRoute, QuietHours } from '../../sdk/contract/config.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { accepts, DEFAULT_DIGEST } from '../../lifecycle/notice-delivery.ts';
import { failureOf } from '../../lifecycle/outcome.ts';
import { Settings } from '../../state/settings.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { ConfigHolder, Log } from '../wiring/tokens.ts';

const LIMIT_MS = 15_000;
const OUT_OF_REACH = 'The channel could not be reached, or is down.';

type Verb = 'raise' | 'clear' | 'unavailable';

/** What the configuration and the settings say about notices. */
@scoped(Lifecycle.ContainerScoped)
export class NotifierRules {
  constructor(
    @inject(ConfigHolder) private readonly config: ConfigHolder,
    @inject(Settings) private readonly settings: Settings,
  ) {}

  isOn(id: string): boolean {
    return this.settings.isNotifierOn(id);
  }

  switch(id: string, on: boolean): Promise<void> {
    return this.settings.switchNotifier(id, on);
  }

  get quiet(): QuietHours | undefined {
    return this.config.current.notices.quiet;
  }

  get digestMs(): number {
    return toMs(this.config.current.notices.digest ?? DEFAULT_DIGEST);
  }

  routeOf(id: string): NoticeRoute | undefined {
    const { routes = {} } = this.config.current.notices;
    return Object.hasOwn(routes, id) ? routes[id] : undefined;
  }

  isRouted(id: string, notice: Notice): boolean {
    return accepts(this.routeOf(id) ?? {}, notice);
  }
}

/** Calls notifiers, and says what went wrong. */
@scoped(Lifecycle.ContainerScoped)
export class NotifierCalls {
  constructor(
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(Log) private readonly log: KernelLog,
  ) {}

  call<T>(notifier: NotifierPlugin, verb: Verb, call: (context: NotifierContext) => Promise<T>): Promise<T> {
    return callPlugin(notifier, verb, LIMIT_MS, signal => call(this.contexts.notify(notifier, signal)));
  }

  /** Removes secrets from a text. */
  scrub(text: string): string {
    return this.contexts.scrubber.scrub(text);
  }

  describe(error: unknown): string {
    const { cause = error } = error instanceof Error ? error : {};
    if (isKeepaliveError(cause)) {
      const { code, details, message } = cause;
      return this.scrub(describeOurs({ code, details, message: code === 'KA_OFFLINE' ? OUT_OF_REACH : message }));
    }
    return this.scrub(cause instanceof Error ? cause.message : String(cause));
  }

  /** Whether nothing was sent, or the channel was not reached, so that another try delivers nothing twice. */
  isUnsent(error: unknown): boolean {
    const { outcome, code } = failureOf(error, text => text);
    return outcome === 'offline' || code === 'KA_STORE_UNREADABLE';
  }

  warn(notifier: NotifierPlugin, error: unknown): void {
    const text = 'a notifier could not show or clear a notice; `keepalive status` shows the same information';
    this.log.warn({ plugin: notifier.id, err: error }, text);
  }
}
