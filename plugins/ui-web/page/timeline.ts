import type { PlannedAttempt } from '../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Session } from '../../../sdk/contract/session.ts';
import { clock, DAY, relative, weekday } from './time.ts';
import { sayOutcome, type Tone } from './words.ts';

/** Attempts this close together are one mark. */
const GROUP_MS = 30 * 60_000;
const TICK_MS = 6 * 3_600_000;
/** The label of now stands there. */
const NEAR_NOW_MS = 2 * 3_600_000;

/** Attempts at about the same time. `at` is where, from 0 to 1 over the two days. */
export type Mark = {
  readonly at: number;
  readonly count: number;
  readonly tone: Tone | 'planned';
  readonly text: string;
};

export type Lane = {
  readonly id: string;
  readonly name: string;
  readonly marks: readonly Mark[];
  /** While the credential is good. */
  readonly life?: { readonly from: number; readonly to: number } | undefined;
  readonly expiry?: number | undefined;
  readonly loginEnd?: number | undefined;
  /** All of it in words. */
  readonly text: string;
};

export type Tick = {
  readonly at: number;
  readonly label: string;
  /** Left out where there is little room. */ readonly minor: boolean;
};

const GRAVITY: readonly Tone[] = ['quiet', 'busy', 'good', 'warn', 'bad'];

const placeOf = (at: Instant, now: Instant): number => (at - now + DAY) / (2 * DAY);
const within = (at: Instant | undefined, now: Instant): at is Instant => at !== undefined && Math.abs(at - now) <= DAY;

/** The last and the next day of every session. */
export function layLanes(
  sessions: readonly Session[],
  attempts: readonly Attempt[],
  plan: readonly PlannedAttempt[],
  now: Instant,
): readonly Lane[] {
  return sessions.map(session => {
    const { id, displayName, expiresAt, expirySeenAt, loginExpiresAt } = session;
    const own = attempts.filter(attempt => attempt.id === id && within(attempt.endedAt, now));
    const planned = plan.filter(({ id: of, at }) => of === id && at > now && within(at, now));
    return {
      id,
      name: displayName,
      marks: [
        ...group(own, ({ endedAt }) => endedAt).map(some => pastMark(some, now)),
        ...group(planned, ({ at }) => at).map(some => plannedMark(some, now)),
      ],
      life:
        expiresAt === undefined || expiresAt < now
          ? undefined
          : { from: Math.max(0, placeOf(expirySeenAt ?? now, now)), to: Math.min(1, placeOf(expiresAt, now)) },
      expiry: within(expiresAt, now) ? placeOf(expiresAt, now) : undefined,
      loginEnd: within(loginExpiresAt, now) ? placeOf(loginExpiresAt, now) : undefined,
      text: describe(session, own, now),
    };
  });
}

/** Round hours of this machine's clock, a few to the day. */
export function layTicks(now: Instant): readonly Tick[] {
  const first = new Date(now - DAY);
  first.setHours(Math.ceil((first.getHours() + 1) / 6) * 6, 0, 0, 0);
  const times: Instant[] = [];
  for (let at = first.getTime(); at <= now + DAY; at += TICK_MS) times.push(at);
  return times.map(at => {
    const hour = new Date(at).getHours();
    const label = hour === 0 ? weekday(at) : clock(at, at);
    return { at: placeOf(at, now), label: Math.abs(at - now) < NEAR_NOW_MS ? '' : label, minor: hour % 12 !== 0 };
  });
}

function group<T>(items: readonly T[], timeOf: (item: T) => Instant): readonly (readonly (readonly [T, Instant])[])[] {
  const groups = new Map<number, (readonly [T, Instant])[]>();
  for (const item of items) {
    const at = timeOf(item);
    const key = Math.floor(at / GROUP_MS);
    groups.set(key, [...(groups.get(key) ?? []), [item, at]]);
  }
  return [...groups.values()];
}

const middle = (some: readonly (readonly [unknown, Instant])[]): Instant =>
  some.reduce((sum, [, at]) => sum + at, 0) / some.length;

function pastMark(some: readonly (readonly [Attempt, Instant])[], now: Instant): Mark {
  const said = some.map(([{ outcome }]) => sayOutcome(outcome));
  const gravest = said.reduce((worst, one) => (GRAVITY.indexOf(one.tone) > GRAVITY.indexOf(worst.tone) ? one : worst));
  const at = middle(some);
  return {
    at: placeOf(at, now),
    count: some.length,
    tone: gravest.tone,
    text: `${clock(at, now)} ${gravest.text}${some.length > 1 ? `; ${some.length} attempts` : ''}`,
  };
}

function plannedMark(some: readonly (readonly [PlannedAttempt, Instant])[], now: Instant): Mark {
  const at = middle(some);
  const why = some[0]?.[0].why ?? '';
  return {
    at: placeOf(at, now),
    count: some.length,
    tone: 'planned',
    text: `${clock(at, now)} planned: ${why}${some.length > 1 ? `; ${some.length} attempts` : ''}`,
  };
}

function describe({ nextAttemptAt, expiresAt }: Session, own: readonly Attempt[], now: Instant): string {
  const counts = new Map<string, number>();
  for (const { outcome } of own) counts.set(sayOutcome(outcome).text, (counts.get(sayOutcome(outcome).text) ?? 0) + 1);
  const listed = [...counts].map(([text, count]) => `${count} × ${text.toLowerCase()}`).join('; ');
  return [
    own.length === 0 ? 'No attempts in the last day.' : `In the last day: ${listed}.`,
    nextAttemptAt === undefined ? 'No attempt is planned.' : `The next attempt is ${relative(nextAttemptAt, now)}.`,
    expiresAt === undefined ? '' : `It ${expiresAt < now ? 'expired' : 'expires'} ${relative(expiresAt, now)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
