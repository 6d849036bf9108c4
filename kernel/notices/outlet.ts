import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant, Notice } from '../../sdk/contract/session.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { inTurn } from '../../sdk/base/in-turn.ts';
import { deliveryAt, retryAt, type Pending } from '../../lifecycle/notice-delivery.ts';
import { isOneOff, isTrouble } from '../../lifecycle/notice-rules.ts';
import { isHeld, quietUntil } from '../../lifecycle/quiet-hours.ts';
import type { Outbox } from '../../state/outbox.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { NotifierCalls, NotifierRules } from './dependencies.ts';
import { Sender } from './sender.ts';

export type OutletTools = {
  readonly calls: NotifierCalls;
  readonly rules: NotifierRules;
  readonly scheduler: Pick<Scheduler, 'at'>;
};

type Waiting = {
  /** When the current quiet hours end; undefined outside them. */
  readonly until?: Instant | undefined;
  /** Held by the quiet hours. */
  readonly held: readonly Pending[];
  readonly ready: readonly Pending[];
};

/**
 * A notifier and the notices that wait for it: held by quiet hours, gathered for one message, or kept for a channel
 * that could not be reached. Its calls are made one at a time, in order.
 */
export class Outlet {
  readonly #sender: Sender;
  readonly #inTurn = inTurn();
  /** Since when a notice waits in this run. */
  readonly #since = new WeakMap<Notice, Instant>();
  /** Sessions whose trouble was over before it was delivered. Their recovery is not delivered either. */
  readonly #unheard = new Set<string>();
  /** What is being delivered. */
  #sending: ReadonlySet<Notice> | undefined;
  #lastSentAt: Instant = -Infinity;
  /** Calls in a row that did not reach the channel, and when the last one failed. */
  #failures = 0;
  #failedAt: Instant = -Infinity;
  #cancelAlarm: Cleanup = () => undefined;

  constructor(
    public notifier: NotifierPlugin,
    private readonly outbox: Outbox,
    private readonly tools: OutletTools,
  ) {
    this.#sender = new Sender(outbox, tools.calls);
  }

  /** How many notices wait, and when the current quiet hours end. */
  get waiting(): { readonly count: number; readonly until?: Instant | undefined } {
    const { until, held, ready } = this.#sort(Date.now());
    return { count: held.length + ready.length, until };
  }

  /** Goes on where the last run ended. What is no longer active is withdrawn, or not delivered. */
  resume(isActive: (id: string) => boolean): void {
    this.outbox.drop(this.outbox.waiting.filter(notice => !isOneOff(notice) && !isActive(notice.id)));
    const shown = this.outbox.messages.flatMap(({ notices, ended }) => (ended ? [] : notices));
    void this.#inTurn(async () => this.#note(await this.#sender.withdrawEnded(this.notifier)));
    for (const notice of shown) if (!isActive(notice.id)) this.clear(notice);
  }

  /** Follows changed settings, another configuration or another clock. */
  adapt(): void {
    const isWanted = (notice: Notice) => this.#isOn && this.#isRouted(notice);
    this.outbox.drop(this.outbox.waiting.filter(notice => !this.#sending?.has(notice) && !isWanted(notice)));
    const now = Date.now();
    for (const notice of this.outbox.waiting) this.#since.set(notice, Math.min(this.#since.get(notice) ?? now, now));
    this.#lastSentAt = Math.min(this.#lastSentAt, now);
    this.#plan();
  }

  /** Tries again soon, because the machine has another network, or the channel was just reached. */
  retry(): void {
    this.#failedAt = -Infinity;
    this.#plan();
  }

  raise(notice: Notice): void {
    const { session, code } = notice;
    if (!this.#isOn || !this.#isRouted(notice)) return;
    if (code === 'recovered' && this.#unheard.delete(session)) return;
    if (isTrouble(notice)) this.#forgetRecovery(session);
    this.#since.set(notice, Date.now());
    this.outbox.put(notice);
    this.#plan();
  }

  /** Withdraws what was shown, even if the notifier is off now. What still waits is not delivered. */
  clear(notice: Notice): void {
    const waiting = this.outbox.get(notice.id);
    if (waiting && !this.#sending?.has(waiting)) return this.#skip(waiting);
    if (!this.outbox.messageOf(notice.id) && !this.#isRouted(notice)) return;
    void this.#inTurn(async () => {
      // It waits again if the channel could not be reached.
      if (waiting && this.outbox.get(notice.id) === waiting) this.#skip(waiting);
      else this.#note(await this.#sender.withdraw(this.notifier, notice));
    });
  }

  /** Sets the alarm for the next delivery, or delivers what is due. */
  #plan(): void {
    void this.#cancelAlarm();
    this.#cancelAlarm = () => undefined;
    if (this.#sending) return;
    const now = Date.now();
    const { until = Infinity, held, ready } = this.#sort(now);
    const dueAt = this.#dueAt(ready);
    if (dueAt <= now) return this.#deliver(ready, now);
    const at = Math.min(dueAt, held.length > 0 ? until : Infinity);
    if (at < Infinity) this.#cancelAlarm = this.tools.scheduler.at(at, () => this.#plan());
  }

  #deliver(ready: readonly Pending[], now: Instant): void {
    const notices = ready.map(({ notice }) => notice);
    this.#sending = new Set(notices);
    if (notices.length > 0) this.#lastSentAt = now;
    const asOne = this.tools.rules.digestMs > 0;
    void this.#inTurn(async () => {
      const isReached = await this.#sender.deliver(this.notifier, notices, asOne);
      this.#sending = undefined;
      this.#note(isReached && (await this.#sender.withdrawEnded(this.notifier)));
    });
  }

  #sort(now: Instant): Waiting {
    const { quiet } = this.tools.rules;
    const until = quietUntil(quiet, now);
    const pending = this.outbox.waiting.map(notice => ({ notice, since: this.#since.get(notice) ?? now }));
    const isWaiting = ({ notice }: Pending) => quiet !== undefined && until !== undefined && isHeld(quiet, notice);
    return { until, held: pending.filter(isWaiting), ready: pending.filter(one => !isWaiting(one)) };
  }

  #dueAt(ready: readonly Pending[]): Instant {
    const again = this.#failures === 0 ? Infinity : retryAt(this.#failures, this.#failedAt);
    const fresh = ready.filter(({ since }) => since > this.#failedAt);
    const isOwed = ready.length > 0 || this.outbox.messages.some(({ ended }) => ended);
    const due = fresh.length > 0 ? deliveryAt(fresh, this.tools.rules.digestMs, this.#lastSentAt) : Infinity;
    return Math.min(due, isOwed ? again : Infinity);
  }

  /** The session is in trouble again, so that it has recovered is no longer true. */
  #forgetRecovery(session: string): void {
    this.#unheard.delete(session);
    this.outbox.drop(this.outbox.waiting.filter(one => one.code === 'recovered' && one.session === session));
  }

  #skip(notice: Notice): void {
    this.outbox.drop([notice]);
    if (isTrouble(notice)) this.#unheard.add(notice.session);
    this.#plan();
  }

  #note(isReached: boolean): void {
    this.#failures = isReached ? 0 : this.#failures + 1;
    this.#failedAt = isReached ? -Infinity : Date.now();
    this.#plan();
  }

  get #isOn(): boolean {
    return this.tools.rules.isOn(this.notifier.id);
  }

  #isRouted(notice: Notice): boolean {
    return this.tools.rules.isRouted(this.notifier.id, notice);
  }
}
