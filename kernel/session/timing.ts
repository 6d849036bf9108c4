import { toMs } from '../../sdk/contract/duration.ts';
import type { Backoff, Policy } from '../../sdk/contract/policy.ts';
import type { Instant, SessionRecord } from '../../sdk/contract/session.ts';
import { describeDuration, describeMs } from '../../sdk/wording/duration.ts';
import { describeTick } from '../../sdk/wording/schedule.ts';
import { tickAfter } from './schedule.ts';
import { UNKNOWN_ZONE } from './zone.ts';

const inWords = (ms: number): string => describeMs(ms, 'long');

/** When a session is attempted next, and why then. */
export type Wake = { readonly at: Instant; readonly why: string };

/** What is known of a session's past; the part of its record that timing goes by. */
export type Life = Pick<SessionRecord, 'lastAttemptAt' | 'expiresAt' | 'expirySeenAt' | 'vendorWaitUntil'>;

const MIN_VENDOR_WAIT_MS = 2 * 60_000;
export const MAX_VENDOR_WAIT_MS = 24 * 3_600_000;
/** A last attempt further ahead than this is a clock that was wrong, not one that was set back. */
const MAX_AHEAD_MS = 48 * 3_600_000;

/** No credential is good for longer; a date beyond it is a mistake of units, or damage. */
const MAX_LIFE_MS = 20 * 365 * 86_400_000;

/** The end of a credential's life; undefined where it can be none. */
export const sensible = (at: Instant | undefined, now: Instant): Instant | undefined =>
  at === undefined || Number.isNaN(at) || at <= 0 || at > now + MAX_LIFE_MS ? undefined : at;

/** How long before an expiry the policy wants it renewed. */
export const leadMs = ({ schedule, refreshBefore }: Policy): number =>
  toMs(schedule.mode === 'before-expiry' ? schedule.buffer : refreshBefore);

/** When the vendor lets itself be asked again. A clock that was wrong when it said so keeps nobody waiting for more than a day. */
export const vendorFloor = ({ vendorWaitUntil = 0 }: Pick<Life, 'vendorWaitUntil'>, now: Instant): Instant =>
  Math.min(vendorWaitUntil, now + MAX_VENDOR_WAIT_MS);

/** The earliest moment at which another attempt is allowed. Also holds when the clock was set back. */
export function floorOf(policy: Policy, { lastAttemptAt, vendorWaitUntil }: Life, now: Instant): Wake {
  const floor = lastAttemptAt === undefined ? now : Math.min(lastAttemptAt, now) + toMs(policy.minInterval);
  const vendor = vendorFloor({ vendorWaitUntil }, now);
  return vendor > floor
    ? { at: vendor, why: 'the vendor said so' }
    : { at: floor, why: `${describeDuration(policy.minInterval, 'long')} after the last check` };
}

/** The next attempt of a session that is alive. */
export function wakeWhenAlive(policy: Policy, life: Life, now: Instant, random: number): Wake {
  const tick = { at: jitteredTick(policy, life, now, random), why: describeTick(policy.schedule, UNKNOWN_ZONE) };
  const guard = expiryGuard(policy, life, random);
  // A look so shortly before the guard would forbid, by the minimum interval, the attempt that matters.
  const guarded = guard && (policy.schedule.mode === 'before-expiry' || guard.at < tick.at + toMs(policy.minInterval));
  return notBefore(guarded ? guard : tick, floorOf(policy, life, now));
}

/** A waiting session is looked at no later than its expiry guard; after that, in half of the remaining time. */
export function latestLook(policy: Policy, life: Life, now: Instant, random: number): Instant {
  const guard = expiryGuard(policy, life, random);
  if (!guard || life.expiresAt === undefined || life.expiresAt <= now) return Infinity;
  return guard.at > now ? guard.at : now + (life.expiresAt - now) / 2;
}

/** The next attempt after one that failed or was not possible, the `tries`th of its cycle. */
export function wakeAfterTrouble(
  policy: Policy,
  life: Life,
  now: Instant,
  random: number,
  tries: number,
  endless: boolean,
): Wake {
  const delay = backoffMs(policy.backoff, tries) * (1 + policy.jitter * random);
  if (endless) {
    // What is renewed early is a login that ends with its credential: a retry after that would be too late.
    const wait = Math.min(delay, policy.renewEarly ? latestLook(policy, life, now, random) - now : Infinity);
    return notBefore({ at: now + wait, why: `retry ${tries}, after ${inWords(wait)}` }, floorOf(policy, life, now));
  }
  if (tries <= policy.retries) {
    return notBefore(
      { at: now + delay, why: `retry ${tries} of ${policy.retries}, after ${inWords(delay)}` },
      floorOf(policy, life, now),
    );
  }
  const tick = wakeWhenAlive(policy, life, now, random);
  return notBefore(
    { at: tick.at, why: `${tick.why}, after ${policy.retries} retries` },
    { at: now + delay, why: `${inWords(delay)} after ${policy.retries} retries` },
  );
}

/** When the vendor may be asked again, within two minutes and a day. */
export const clampVendorWait = (retryAt: Instant, now: Instant): Instant =>
  Math.min(Math.max(retryAt, now + MIN_VENDOR_WAIT_MS), now + MAX_VENDOR_WAIT_MS);

/** The wait before the `n`th retry in milliseconds, without jitter. */
export const backoffMs = ({ initial, factor, max }: Backoff, n: number): number =>
  Math.min(toMs(max), toMs(initial) * Math.max(1, factor) ** Math.min(Math.max(n, 1) - 1, 64));

/** The wake, or a later moment that has to be waited for; in whole milliseconds. */
export const notBefore = (wake: Wake, floor: Wake): Wake => {
  const { at, why } = wake.at >= floor.at ? wake : floor;
  return { at: Math.ceil(at), why };
};

function jitteredTick({ schedule, jitter }: Policy, { lastAttemptAt }: Life, now: Instant, random: number): Instant {
  const last = lastAttemptAt === undefined || lastAttemptAt - now >= MAX_AHEAD_MS ? now : lastAttemptAt;
  // After a clock that was set back, only `daily` goes on from the last attempt: once a local day is what it promises.
  const tick = tickAfter(schedule, schedule.mode === 'daily' ? last : Math.min(last, now));
  const periodic = schedule.mode === 'interval' || schedule.mode === 'before-expiry';
  return periodic ? tick - (tick - Math.min(last, now)) * jitter * random : tick + jitter * random * CALENDAR_SPREAD_MS;
}

/** A person who reads "daily at 09:00" expects it within the minute. */
const CALENDAR_SPREAD_MS = 5 * 60_000;

/** When half of the credential's known life is over; undefined unless the policy wants it renewed that early. */
export function renewFrom({ renewEarly }: Policy, { expiresAt, expirySeenAt }: Life): Instant | undefined {
  if (!renewEarly || expiresAt === undefined || expirySeenAt === undefined || expirySeenAt >= expiresAt)
    return undefined;
  return Math.ceil((expirySeenAt + expiresAt) / 2);
}

/** The lead before the expiry, but never in the first half of the credential's life: short-lived ones would be renewed for ever. */
function expiryGuard(policy: Policy, life: Life, random: number): Wake | undefined {
  const { expiresAt, expirySeenAt, lastAttemptAt = 0 } = life;
  if (expiresAt === undefined) return undefined;
  const halfLife = expirySeenAt === undefined ? Infinity : Math.max(0, expiresAt - expirySeenAt) / 2;
  const lead = Math.min(leadMs(policy), halfLife);
  const early = renewFrom(policy, life) ?? Infinity;
  if (lastAttemptAt < early && early < expiresAt - lead) return { at: early, why: 'half of its life is over then' };
  // An early renewal that did not extend it is retried halfway to its end: a few times in all, however long its life.
  const halfway = (expiresAt - lastAttemptAt) / 2;
  if (early <= lastAttemptAt && halfway > lead)
    return { at: expiresAt - halfway, why: `${inWords(halfway)} before it expires` };
  const spread = Math.min(lead * policy.jitter * random, halfLife - lead);
  return { at: expiresAt - lead - spread, why: `${inWords(lead)} before it expires` };
}
