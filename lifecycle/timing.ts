import { toMs } from '../sdk/contract/duration.ts';
import type { Backoff, Policy } from '../sdk/contract/policy.ts';
import type { Instant, SessionRecord } from '../sdk/contract/session.ts';
import type { Context } from './event.ts';
import { describeDuration, describeMs } from '../sdk/wording/duration.ts';
import { describeTick } from '../sdk/wording/schedule.ts';
import { tickAfter } from './schedule.ts';
import { UNKNOWN_ZONE } from './zone.ts';

const inWords = (ms: number): string => describeMs(ms, 'long');

/** When a session is attempted next, and the reason for that time in words. */
export type Wake = { readonly at: Instant; readonly explanation: string };

/** The part of a session's record that its timing depends on. */
export type Life = Pick<SessionRecord, 'lastAttemptAt' | 'expiresAt' | 'expirySeenAt' | 'vendorWaitUntil'>;

/** Without the jitter. */
type Fixed = Omit<Context, 'random'>;

const MIN_VENDOR_WAIT_MS = 2 * 60_000;
export const MAX_VENDOR_WAIT_MS = 24 * 3_600_000;
/** A last attempt further in the future was made by a wrong clock. If it is nearer, the clock was set back since. */
const MAX_AHEAD_MS = 48 * 3_600_000;

/** No credential lives longer. A later date is a wrong unit or damage. */
const MAX_LIFE_MS = 20 * 365 * 86_400_000;

/** The expiry, or undefined if the date cannot be one. */
export const plausibleExpiry = (at: Instant | undefined, now: Instant): Instant | undefined =>
  at === undefined || Number.isNaN(at) || at <= 0 || at > now + MAX_LIFE_MS ? undefined : at;

/** How long before an expiry the policy wants the credential renewed. */
export const leadMs = ({ schedule, refreshBefore }: Policy): number =>
  toMs(schedule.mode === 'before-expiry' ? schedule.buffer : refreshBefore);

/** When the vendor allows the next request. The clock may have been wrong then, so it is at most a day from now. */
const vendorFloor = ({ vendorWaitUntil = 0 }: Pick<Life, 'vendorWaitUntil'>, now: Instant): Instant =>
  Math.min(vendorWaitUntil, now + MAX_VENDOR_WAIT_MS);

/** Whether the vendor asked to wait longer. */
export const mustWaitForVendor = (life: Pick<Life, 'vendorWaitUntil'>, { now }: Pick<Fixed, 'now'>): boolean =>
  vendorFloor(life, now) > now;

/** The earliest time for another attempt. It also holds after the clock was set back. */
export function floorOf({ lastAttemptAt, vendorWaitUntil }: Life, { policy, now }: Fixed): Wake {
  const floor = lastAttemptAt === undefined ? now : Math.min(lastAttemptAt, now) + toMs(policy.minInterval);
  const vendor = vendorFloor({ vendorWaitUntil }, now);
  return vendor > floor
    ? { at: vendor, explanation: 'the vendor asked to wait' }
    : {
        at: floor,
        explanation: `no sooner than ${describeDuration(policy.minInterval, 'long')} after the last attempt`,
      };
}

/** The user's request may come before the minimum interval is over, but not before this. */
const MANUAL_FLOOR_MS = 10_000;

/**
 * The earliest time for an attempt that the user requests. Nothing overrides the vendor's wait. An attempt that made no
 * request does not delay a forced one.
 */
export function earliestManual(record: SessionRecord, force: boolean, { policy, now }: Fixed): Instant {
  const { lastAttemptAt, vendorWaitUntil, askedNobody } = record;
  const isFree = lastAttemptAt === undefined || (force && askedNobody);
  const floor = isFree ? 0 : Math.min(lastAttemptAt, now) + Math.min(MANUAL_FLOOR_MS, toMs(policy.minInterval));
  return Math.max(floor, vendorFloor({ vendorWaitUntil }, now));
}

/** The next attempt of a session that is alive. */
export function wakeWhenAlive(life: Life, context: Context): Wake {
  const { policy, now } = context;
  const tick = { at: jitteredTick(life, context), explanation: describeTick(policy.schedule, UNKNOWN_ZONE) };
  const guard = expiryGuard(life, context);
  // A tick this close to the expiry guard would delay it by the minimum interval, so the tick is skipped.
  const isGuarded =
    guard && (policy.schedule.mode === 'before-expiry' || guard.at < tick.at + toMs(policy.minInterval));
  const wake = isGuarded ? guard : tick;
  const isOver = isGuarded && life.expiresAt !== undefined && life.expiresAt <= now;
  return laterOf(isOver ? { ...wake, explanation: 'it has expired' } : wake, floorOf(life, context), now);
}

/** The latest time for the attempt of a waiting session: its expiry guard; after that, halfway to its expiry. */
export function latestAttempt(life: Life, context: Context): Instant {
  const { now } = context;
  const guard = expiryGuard(life, context);
  if (!guard || life.expiresAt === undefined || life.expiresAt <= now) return Infinity;
  return guard.at > now ? guard.at : now + (life.expiresAt - now) / 2;
}

/** How many attempts of the cycle were made, and whether it ends after the policy's retries. */
type Cycle = { readonly tries: number; readonly isEndless: boolean };

/** The next attempt after one that failed or was not possible. */
export function wakeAfterTrouble(life: Life, { tries, isEndless }: Cycle, context: Context): Wake {
  const { policy, now, random } = context;
  const delay = backoffMs(policy.backoff, tries) * (1 + policy.jitter * random);
  const floor = floorOf(life, context);
  if (isEndless) {
    // A credential that is renewed early may end its login when it expires. A retry after that would be too late.
    const wait = Math.min(delay, policy.renewEarly ? latestAttempt(life, context) - now : Infinity);
    return laterOf({ at: now + wait, explanation: `retry ${tries}, after ${inWords(wait)}` }, floor, now);
  }
  if (tries <= policy.retries) {
    const explanation = `retry ${tries} of ${policy.retries}, after ${inWords(delay)}`;
    return laterOf({ at: now + delay, explanation }, floor, now);
  }
  const tick = wakeWhenAlive(life, context);
  const pause = now + delay;
  return tick.at >= pause
    ? { at: tick.at, explanation: `${tick.explanation}, after ${policy.retries} retries` }
    : { at: Math.ceil(pause), explanation: `${inWords(delay)} after ${policy.retries} retries` };
}

/** The vendor's wait, limited to between two minutes and a day. */
export const clampVendorWait = (retryAt: Instant, now: Instant): Instant =>
  Math.min(Math.max(retryAt, now + MIN_VENDOR_WAIT_MS), now + MAX_VENDOR_WAIT_MS);

/** The wait before the `n`th retry in milliseconds, without jitter. */
export const backoffMs = ({ initial, factor, max }: Backoff, n: number): number =>
  Math.min(toMs(max), toMs(initial) * Math.max(1, factor) ** Math.min(Math.max(n, 1) - 1, 64));

/** Between the cause of an attempt and what delays it. */
const DELAYED = '; ';

/**
 * The wake, or the floor if that is later; in whole milliseconds, rounded up. A floor that is still to come is added to
 * the cause.
 */
export function laterOf({ at, explanation }: Wake, floor: Wake, now: Instant): Wake {
  const isDelayed = floor.at > Math.max(at, now);
  const [cause = explanation] = explanation.split(DELAYED);
  return {
    at: Math.ceil(Math.max(at, floor.at)),
    explanation: isDelayed ? `${cause}${DELAYED}${floor.explanation}` : explanation,
  };
}

/** A user who reads "daily at 09:00" expects the attempt within that minute. */
const CALENDAR_SPREAD_MS = 5 * 60_000;

function jitteredTick({ lastAttemptAt }: Life, { policy: { schedule, jitter }, now, random }: Context): Instant {
  const last = lastAttemptAt === undefined || lastAttemptAt - now >= MAX_AHEAD_MS ? now : lastAttemptAt;
  // After the clock was set back, only `daily` counts from the last attempt: it promises one attempt a local day.
  const tick = tickAfter(schedule, schedule.mode === 'daily' ? last : Math.min(last, now));
  const isPeriodic = schedule.mode === 'interval' || schedule.mode === 'before-expiry';
  return isPeriodic
    ? tick - (tick - Math.min(last, now)) * jitter * random
    : tick + jitter * random * CALENDAR_SPREAD_MS;
}

/** When half of the credential's known life is over; undefined unless the policy wants it renewed that early. */
export function renewFrom({ expiresAt, expirySeenAt }: Life, { renewEarly }: Policy): Instant | undefined {
  if (!renewEarly || expiresAt === undefined || expirySeenAt === undefined || expirySeenAt >= expiresAt)
    return undefined;
  return Math.ceil((expirySeenAt + expiresAt) / 2);
}

/**
 * The lead before the expiry, but never in the first half of the credential's life. Otherwise a short-lived credential
 * would be renewed all the time.
 */
function expiryGuard(life: Life, { policy, random, now }: Context): Wake | undefined {
  const { expiresAt, expirySeenAt, lastAttemptAt = 0 } = life;
  if (expiresAt === undefined) return undefined;
  // An expiry that was computed by the former clock comes sooner than it says.
  if (lastAttemptAt > now) return { at: now, explanation: 'the clock was set back since the last attempt' };
  const halfLife = expirySeenAt === undefined ? Infinity : Math.max(0, expiresAt - expirySeenAt) / 2;
  const lead = Math.min(leadMs(policy), halfLife);
  const early = renewFrom(life, policy) ?? Infinity;
  if (lastAttemptAt < early && early < expiresAt - lead)
    return { at: early, explanation: 'half of its life is over then' };
  // An early renewal that did not extend the credential is retried halfway to its end: a few times in all.
  const halfway = (expiresAt - lastAttemptAt) / 2;
  if (early <= lastAttemptAt && halfway > lead)
    return { at: expiresAt - halfway, explanation: `${inWords(halfway)} before it expires` };
  const spread = Math.min(lead * policy.jitter * random, halfLife - lead);
  const explanation = lead > 0 ? `${inWords(lead)} before it expires` : 'it expires then';
  return { at: expiresAt - lead - spread, explanation };
}
