import { isRecord } from '../sdk/base/json.ts';
import type { RpcParams, SessionDay } from '../sdk/contract/rpc.ts';
import type { Attempt, Instant, Session, SessionRecord } from '../sdk/contract/session.ts';
import { isRenewedElsewhere, lapseOf, type Known } from '../lifecycle/lapse.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import { inTurn } from '../sdk/base/in-turn.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { DayCounts, understandDays, type DaysContent } from './day-counts.ts';
import type { History } from './history.ts';
import { MIGRATIONS } from './migrations.ts';

/** The file is written whole, so it is written seldom. What a crash loses is counted again from the history. */
const WRITE_AFTER_MS = 60 * 60_000;
/** A lapse that has ended, and a renewal by another program, are in no other file. */
const WRITE_SOON_MS = 5 * 60_000;
const DEFAULT_DAYS = 30;

type Counted = Pick<Attempt, 'id' | 'endedAt'>;

type DaysFile = {
  readonly version: number;
  /** The last attempt that is counted. */
  readonly counted?: Counted | undefined;
  /** Up to here, lapses are counted. */
  readonly lapsesTo: Instant;
  readonly days: DaysContent;
};

export type DaysOptions = {
  readonly file: string;
  readonly log: KernelLog;
  readonly history: Pick<History, 'after'>;
  /** As the last run left them. */
  readonly remembered: ReadonlyMap<string, SessionRecord>;
  readonly startedAt: Instant;
  /** Only a daemon writes. Attempts of other kernels are in the history. */
  readonly armed: boolean;
  readonly now?: (() => Instant) | undefined;
};

type Noted = { readonly session: Known; readonly since: Instant };

/**
 * What happened to each session on each day, for longer than the history reaches. Attempts are counted from the history
 * when a client asks or when it is time to write, so that no attempt waits for it.
 */
export class Days {
  readonly #counts: DayCounts;
  readonly #noted = new Map<string, Noted>();
  readonly #others: object;
  readonly #now: () => Instant;
  readonly #turn = inTurn();
  #counted: Counted | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due. */
  #writeAt = Infinity;

  constructor(
    { days, counted, lapsesTo, ...others }: DaysFile,
    private readonly options: DaysOptions,
  ) {
    this.#counts = new DayCounts(days);
    this.#counted = counted;
    this.#others = others;
    this.#now = options.now ?? Date.now;
    // Without a file nothing is known of the time before this run.
    const since = lapsesTo || options.startedAt;
    for (const [id, session] of options.remembered) this.#noted.set(id, { session, since });
  }

  /** Notes what has changed in a session. */
  follow(session: Session): void {
    const { id, lastRenewedAt } = session;
    const noted = this.#noted.get(id);
    const isElsewhere = noted !== undefined && isRenewedElsewhere(noted.session, session);
    if (isElsewhere) this.#counts.addRenewal(id, lastRenewedAt ?? this.#now());
    const hasLapsed = this.#countLapse(id, session);
    this.#writeWithin(isElsewhere || hasLapsed ? WRITE_SOON_MS : WRITE_AFTER_MS);
  }

  #writeWithin(ms: number): void {
    const at = this.#now() + ms;
    if (!this.options.armed || at >= this.#writeAt) return;
    clearTimeout(this.#timer);
    this.#writeAt = at;
    this.#timer = setTimeout(() => void this.flush(), ms).unref();
  }

  /** Oldest first. `sessions` are those that are kept now. */
  list(
    { id, days = DEFAULT_DAYS }: NonNullable<RpcParams<'session/days'>>,
    sessions: readonly Session[],
  ): Promise<readonly SessionDay[]> {
    return this.#turn(async () => {
      await this.#catchUp();
      // Of a session that was removed nothing is known from now on.
      const kept = new Set(sessions.map(session => session.id));
      for (const [known, { session }] of this.#noted) {
        if (kept.has(known)) this.#countLapse(known, session);
        else this.#noted.delete(known);
      }
      return this.#counts.list(days, this.#now(), id);
    });
  }

  /** Writes the file. If that fails, it is tried again soon, because a lapse is in no other file. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#writeAt = Infinity;
    const { file, log, armed } = this.options;
    if (!armed) return Promise.resolve();
    return this.#turn(async () => {
      await this.#catchUp();
      for (const [id, { session }] of this.#noted) this.#countLapse(id, session, true);
      const now = this.#now();
      const content = { ...this.#others, counted: this.#counted, lapsesTo: now, days: this.#counts.content(now) };
      await writeDurably(file, JSON.stringify(content));
    }).catch((error: unknown) => {
      log.warn({ file, err: error }, 'the counts by day could not be written');
      this.#writeWithin(WRITE_SOON_MS);
    });
  }

  /** Writes the file for the last time. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  /** Counts the session's lapse until now, and returns whether there was one. If it is not known yet, it stays. */
  #countLapse(id: string, session: Known, isInspected = false): boolean {
    const now = this.#now();
    const noted = this.#noted.get(id) ?? { session, since: now };
    const span = { since: noted.since, now, startedAt: this.options.startedAt, isInspected };
    const lapse = lapseOf(noted.session, session, span);
    if (lapse) this.#counts.addLapse(id, lapse, now);
    this.#noted.set(id, { session, since: lapse ? now : noted.since });
    return lapse !== undefined && lapse.from < lapse.to;
  }

  async #catchUp(): Promise<void> {
    for (const attempt of await this.options.history.after(this.#counted)) {
      this.#counts.addAttempt(attempt);
      this.#counted = { id: attempt.id, endedAt: attempt.endedAt };
    }
  }
}

/** Opens `days.json`. */
export async function openDays(options: DaysOptions): Promise<Days> {
  const format = { versions: MIGRATIONS.days, understand };
  return new Days(await recall(options.file, options.log, format), options);
}

function understand(json: unknown): DaysFile {
  const { counted, lapsesTo, days, ...others } = isRecord(json) ? json : {};
  return {
    ...others,
    version: MIGRATIONS.days.current,
    ...(isCounted(counted) && { counted }),
    lapsesTo: typeof lapsesTo === 'number' ? lapsesTo : 0,
    days: understandDays(days),
  };
}

const isCounted = (value: unknown): value is Counted =>
  isRecord(value) && typeof value['id'] === 'string' && typeof value['endedAt'] === 'number';
