import type { PlannedAttempt } from '../../../../sdk/contract/rpc.ts';
import type { Attempt, Instant, Session } from '../../../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../../../sdk/wording/attempt.ts';
import { describeExpiry } from '../../../../sdk/wording/expiry.ts';
import { clock, localTime, shortWeekday } from '../../../../sdk/wording/time.ts';
import { bySession } from './session-filter.ts';
import { fromNow, outcomeLabel, type Tone } from './labels.ts';

const DAY = 86_400_000;
/** Attempts this close together are one mark. */
const GROUP_MS = 30 * 60_000;
const TICK_MS = 6 * 3_600_000;
/** This close to now there is no room for a label, because "now" has its own. On a narrow screen an hour is shorter. */
const NO_ROOM_MS = { wide: 3 * 3_600_000, narrow: 7 * 3_600_000 };

/** Attempts at about the same time. `at` is the position, from 0 to 1 over the two days. */
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
  /** The whole lane in words. */
  readonly text: string;
};

export type Tick = {
  readonly at: number;
  readonly label: string;
  /** `minor` and `near` ones are left out if there is little room. */
  readonly kind: 'major' | 'minor' | 'near';
};

/** This close to an end, half of a label would be outside. */
const EDGE = 0.03;

/** The gravest last. */
const GRAVITY: readonly Tone[] = ['quiet', 'busy', 'good', 'warn', 'bad'];

const positionOf = (at: Instant, now: Instant): number => (at - now + DAY) / (2 * DAY);
const isShown = (at: Instant | undefined, now: Instant): at is Instant => at !== undefined && Math.abs(at - now) <= DAY;

type Events = { readonly attempts: readonly Attempt[]; readonly plan: readonly PlannedAttempt[] };

/** The last and the next day of every session. */
export function layLanes(sessions: readonly Session[], events: Events, now: Instant): readonly Lane[] {
  const attempts = bySession(events.attempts);
  const plan = bySession(events.plan);
  return sessions.map(session =>
    layLane(session, { attempts: attempts.get(session.id) ?? [], plan: plan.get(session.id) ?? [] }, now),
  );
}

function layLane(session: Session, { attempts, plan }: Events, now: Instant): Lane {
  const { id, displayName, expiresAt, expirySeenAt, loginExpiresAt } = session;
  const own = attempts.filter(attempt => isShown(attempt.endedAt, now));
  const planned = plan.filter(({ at }) => at > now && isShown(at, now));
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
        : {
            from: Math.max(0, positionOf(expirySeenAt ?? now, now)),
            to: Math.min(1, positionOf(expiresAt, now)),
          },
    expiry: isShown(expiresAt, now) ? positionOf(expiresAt, now) : undefined,
    loginEnd: isShown(loginExpiresAt, now) ? positionOf(loginExpiresAt, now) : undefined,
    text: describeLane(session, own, now),
  };
}

/** Round hours of this machine's clock, a few per day. */
export function layTicks(now: Instant): readonly Tick[] {
  const first = new Date(now - DAY);
  first.setHours(Math.ceil((first.getHours() + 1) / 6) * 6, 0, 0, 0);
  const times: Instant[] = [];
  for (let at = first.getTime(); at <= now + DAY; at += TICK_MS) times.push(at);
  return times.map(at => {
    const hour = new Date(at).getHours();
    const distance = Math.abs(at - now);
    const label = hour === 0 ? shortWeekday(at) : clock(at);
    const kind = distance < NO_ROOM_MS.narrow ? 'near' : hour % 12 === 0 ? 'major' : 'minor';
    const hasRoom = distance >= NO_ROOM_MS.wide && distance <= DAY * (1 - 2 * EDGE);
    return { at: positionOf(at, now), label: hasRoom ? label : '', kind };
  });
}

type Timed<T> = readonly [item: T, at: Instant];

function group<T>(items: readonly T[], timeOf: (item: T) => Instant): readonly (readonly Timed<T>[])[] {
  const groups = new Map<number, Timed<T>[]>();
  for (const item of items) {
    const at = timeOf(item);
    const key = Math.floor(at / GROUP_MS);
    groups.set(key, [...(groups.get(key) ?? []), [item, at]]);
  }
  return [...groups.values()];
}

const middleOf = (some: readonly Timed<unknown>[]): Instant => some.reduce((sum, [, at]) => sum + at, 0) / some.length;

const countText = (some: readonly unknown[]): string => (some.length > 1 ? `; ${some.length} attempts` : '');

function pastMark(some: readonly Timed<Attempt>[], now: Instant): Mark {
  const labels = some.map(([{ outcome }]) => outcomeLabel(outcome));
  const gravest = labels.reduce((worst, one) =>
    GRAVITY.indexOf(one.tone) > GRAVITY.indexOf(worst.tone) ? one : worst,
  );
  const at = middleOf(some);
  return {
    at: positionOf(at, now),
    count: some.length,
    tone: gravest.tone,
    text: `${localTime(at, now)} ${gravest.text}${countText(some)}`,
  };
}

function plannedMark(some: readonly Timed<PlannedAttempt>[], now: Instant): Mark {
  const at = middleOf(some);
  const why = some[0]?.[0].why ?? '';
  return {
    at: positionOf(at, now),
    count: some.length,
    tone: 'planned',
    text: `${localTime(at, now)} planned: ${why}${countText(some)}`,
  };
}

function describeLane({ nextAttemptAt, expiresAt }: Session, own: readonly Attempt[], now: Instant): string {
  const counts = new Map<string, number>();
  for (const { outcome } of own) {
    const label = OUTCOME_LABELS[outcome];
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const listed = [...counts].map(([label, count]) => `${count} × ${label}`).join('; ');
  return [
    own.length === 0 ? 'No attempt in the last day.' : `In the last day: ${listed}.`,
    nextAttemptAt === undefined ? 'No attempt is planned.' : `The next attempt is ${fromNow(nextAttemptAt, now)}.`,
    ...(expiresAt === undefined ? [] : [`It ${describeExpiry(expiresAt, now, fromNow)}.`]),
  ].join(' ');
}
