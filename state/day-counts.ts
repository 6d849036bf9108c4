import { z } from 'zod';
import { isRecord } from '../sdk/base/json.ts';
import type { Lapse } from '../lifecycle/lapse.ts';
import type { Attempt, Instant } from '../sdk/contract/session.ts';

const countsSchema = z.object({
  renewed: z.int().min(0),
  checked: z.int().min(0),
  failed: z.int().min(0),
  lapsedMs: z.int().min(0),
});

/** What happened to a session on one day. */
export type Counts = z.infer<typeof countsSchema>;

/** The last day that is kept, counted from today. */
const MAX_DAYS = 90;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** The local day of this machine: `2026-10-12`. */
export function dayOf(at: Instant): string {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0'));
  return `${String(date.getFullYear()).padStart(4, '0')}-${month}-${day}`;
}

/** The next local midnight. A day has 23 or 25 hours when the clocks are changed. */
const endOfDay = (at: Instant): Instant => new Date(at).setHours(24, 0, 0, 0);

/** The first of the last `days` days. */
const firstOf = (days: number, now: Instant): string => {
  const date = new Date(now);
  return dayOf(date.setDate(date.getDate() - days + 1));
};

/** Counts by day and session. */
export class DayCounts {
  readonly #days: Map<string, Map<string, Counts>>;

  constructor(days: DaysContent = {}) {
    this.#days = new Map(Object.entries(days).map(([day, counts]) => [day, new Map(Object.entries(counts))]));
  }

  addAttempt({ id, outcome, code, endedAt }: Pick<Attempt, 'id' | 'outcome' | 'code' | 'endedAt'>): void {
    const member = code === 'KA_INEFFECTIVE' ? 'failed' : MEMBERS[outcome];
    if (member) this.#of(id, endedAt)[member] += 1;
  }

  addRenewal(id: string, at: Instant): void {
    this.#of(id, at).renewed += 1;
  }

  /** Splits the time among the days that it covers. At most the kept days are visited. */
  addLapse(id: string, { from, to }: Lapse, now: Instant): void {
    if (from >= to) return;
    const earliest = new Date(`${firstOf(MAX_DAYS, now)}T00:00:00`).getTime();
    for (let at = Math.max(from, earliest); at < to;) {
      const next = Math.min(to, endOfDay(at));
      this.#of(id, at).lapsedMs += next - at;
      at = next;
    }
  }

  /** The last days of all sessions or of one, oldest first, without those on which nothing happened. */
  list(days: number, now: Instant, id?: string): readonly (Counts & { readonly id: string; readonly day: string })[] {
    const [first, today] = [firstOf(days, now), dayOf(now)];
    return [...this.#days.entries()]
      .filter(([day]) => day >= first && day <= today)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([day, counts]) => partOf(counts, id).map(([of, ofDay]) => ({ id: of, day, ...ofDay })));
  }

  /** For the file: at most 90 days. A day in the future is from a wrong clock. */
  content(now: Instant): DaysContent {
    const [first, tomorrow] = [firstOf(MAX_DAYS, now), dayOf(endOfDay(now))];
    for (const day of this.#days.keys()) if (day < first || day > tomorrow) this.#days.delete(day);
    return Object.fromEntries([...this.#days].map(([day, counts]) => [day, Object.fromEntries(counts)]));
  }

  #of(id: string, at: Instant): Counts {
    const day = dayOf(at);
    const ofDay = this.#days.get(day) ?? new Map<string, Counts>();
    this.#days.set(day, ofDay);
    const counts = ofDay.get(id) ?? { renewed: 0, checked: 0, failed: 0, lapsedMs: 0 };
    ofDay.set(id, counts);
    return counts;
  }
}

function partOf(counts: ReadonlyMap<string, Counts>, id: string | undefined): readonly (readonly [string, Counts])[] {
  if (id === undefined) return [...counts];
  const ofDay = counts.get(id);
  return ofDay ? [[id, ofDay]] : [];
}

/** Where an attempt is counted. One without a network, or that was put off, is not. */
const MEMBERS: Readonly<Partial<Record<Attempt['outcome'], 'renewed' | 'checked' | 'failed'>>> = {
  refreshed: 'renewed',
  fresh: 'checked',
  failed: 'failed',
  'login-required': 'failed',
  unavailable: 'failed',
};

export type DaysContent = Readonly<Record<string, Readonly<Record<string, Counts>>>>;

/** Day by day, and session by session: damage to one does not affect the others. */
export function understandDays(json: unknown): DaysContent {
  const days = Object.entries(isRecord(json) ? json : {}).filter(([day]) => DAY.test(day));
  const good = days.map(([day, counts]) => {
    const ofDay = Object.entries(isRecord(counts) ? counts : {});
    return [day, Object.fromEntries(ofDay.filter(isCounts))] as const;
  });
  return Object.fromEntries(good);
}

const isCounts = (entry: [string, unknown]): entry is [string, Counts] => countsSchema.safeParse(entry[1]).success;
