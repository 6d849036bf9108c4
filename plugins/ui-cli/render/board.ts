import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Instant, Notice, Session } from '../../../sdk/contract/session.ts';
import { noticesBySession } from '../../../sdk/wording/attention.ts';
import { headlineFrom } from '../../../sdk/wording/headline.ts';
import { arrange, type Arrangement, type Beside, type Digest, type ShownOverview } from './digest.ts';
import { rowOf, type Row } from './row.ts';

/** A session at its place in the configuration. */
type Kept = { readonly at: number; session: Session; row?: Row };

/**
 * The sessions and notices that are shown. After a change, only what has changed is looked at again: thousands of
 * sessions are not, several times a second.
 */
export class Board {
  #kept: Kept[] = [];
  #byId = new Map<string, Kept>();
  #notices = new Map<string, Notice[]>();
  #beside: Beside = { plugins: [], notices: [] };
  /** Until when each row holds. All of these are read for each digest, so they are plain numbers side by side. */
  #until: number[] = [];
  /** When each session ends if only keepalive acts. */
  #ends: number[] = [];
  #off = 0;
  /** Kept until a row changes in more than its times. */
  #arrangement: Arrangement | undefined;

  constructor(overview?: ShownOverview) {
    if (overview) this.replace(overview);
  }

  get sessions(): readonly Session[] {
    return this.#kept.map(({ session }) => session);
  }

  get plugins(): readonly PluginInfo[] {
    return this.#beside.plugins;
  }

  /** The notices of the overview. */
  get notices(): readonly Notice[] {
    return this.#beside.notices;
  }

  replace({ sessions, ...beside }: ShownOverview): void {
    this.#beside = beside;
    this.#notices = noticesBySession(beside.notices);
    [this.#kept, this.#until, this.#ends, this.#off] = [[], [], [], 0];
    this.#byId.clear();
    this.#arrangement = undefined;
    for (const session of sessions) this.put(session);
  }

  put(session: Session): void {
    const known = this.#byId.get(session.id);
    if (known) known.session = session;
    else this.#add({ at: this.#kept.length, session });
    this.#outdate(session.id);
  }

  raise(notice: Notice): void {
    this.#setNotices(notice, others => [...others, notice]);
  }

  clear(notice: Notice): void {
    this.#setNotices(notice, others => others);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Whether a plugin was still loading when the overview was made. */
  get isLoading(): boolean {
    return this.#beside.plugins.some(({ status }) => status === 'loading');
  }

  digest(now: Instant): Digest {
    this.#until.forEach((until, at) => until <= now && this.#update(at, now));
    this.#arrangement ??= arrange(this.#kept, this.#beside);
    const [all, off] = [this.#kept.length, this.#off];
    const only = all - off === 1 ? this.#kept.find(({ row }) => !row?.isOff) : undefined;
    const tally = { all, off, endsAt: earliest(this.#ends), only: only?.session.displayName };
    return {
      ...this.#beside,
      ...this.#arrangement,
      headline: headlineFrom(this.#arrangement.attention, tally, now),
      isOff: all > 0 && off === all,
      until: earliest(this.#until),
    };
  }

  #add(kept: Kept): void {
    this.#kept.push(kept);
    this.#byId.set(kept.session.id, kept);
    this.#ends.push(Infinity);
    this.#arrangement = undefined;
  }

  #outdate(id: string): void {
    const kept = this.#byId.get(id);
    if (kept) this.#until[kept.at] = 0;
  }

  #update(at: number, now: Instant): void {
    const kept = this.#kept[at];
    if (!kept) return;
    const { session, row: former } = kept;
    const row = rowOf(session, this.#notices.get(session.id) ?? [], now);
    kept.row = row;
    this.#until[at] = row.until;
    this.#ends[at] = row.isOff ? Infinity : row.endsAt;
    this.#off += Number(row.isOff) - Number(former?.isOff ?? false);
    const isAlike = former?.attention?.level === row.attention?.level && former?.remark?.text === row.remark?.text;
    if (!isAlike) this.#arrangement = undefined;
  }

  #setNotices({ id, session }: Notice, next: (others: Notice[]) => Notice[]): void {
    const others = this.#notices.get(session)?.filter(notice => notice.id !== id) ?? [];
    this.#notices.set(session, next(others));
    this.#outdate(session);
  }
}

/** The digest of an overview that is shown once. */
export const digestOf = (overview: ShownOverview, now: Instant): Digest => new Board(overview).digest(now);

function earliest(times: readonly number[]): number {
  let first = Infinity;
  for (const time of times) if (time < first) first = time;
  return first;
}
