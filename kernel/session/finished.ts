import type { ErrorCode } from '../../sdk/contract/errors.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import type { Instant, SessionRecord, WaitReason } from '../../sdk/contract/session.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import { alive, gaveUp, halted } from './states.ts';
import { clampVendorWait, floorOf, latestLook, notBefore, wakeAfterTrouble, type Wake } from './timing.ts';
import type { Finish } from './transition.ts';

const LOOK_AGAIN_MS = 2 * 60_000;
const MAX_DEFERRED_MS = 3_600_000;

/** After an attempt. A pause during it wins over its outcome; what was learnt of credential and vendor stays true. */
export function finished(
  before: SessionRecord,
  finish: Finish,
  policy: Policy,
  now: Instant,
  random: number,
): SessionRecord {
  const record = withFacts(before, finish, now);
  const { state } = before;
  if (state.name !== 'refreshing') return record;
  const { failures, tries } = state;
  // The retries of a cycle are for what failed in it: those that an outage took are not held against it.
  const failed = isOutage(before) ? 1 : tries;
  const waiting = (why: WaitReason, wake: Wake, count = failures, triesSoFar = tries): SessionRecord => ({
    ...record,
    state: {
      name: 'waiting',
      why,
      failures: count,
      tries: triesSoFar,
      wakeAt: wake.at,
      wakeWhy: wake.why,
      hint: finish.message ?? '',
    },
  });
  const endless = (why: WaitReason) => waiting(why, wakeAfterTrouble(policy, record, now, random, tries, true));
  const cycle = (count: number) =>
    waiting(
      'backoff',
      wakeAfterTrouble(policy, record, now, random, failed, false),
      count,
      failed > policy.retries ? 0 : failed,
    );
  switch (finish.outcome) {
    case 'refreshed':
    case 'fresh':
      return finish.code === 'KA_INEFFECTIVE' ? cycle(failures) : alive(record, policy, now, random);
    case 'deferred': {
      const latest = Math.min(now + MAX_DEFERRED_MS, latestLook(policy, record, now, random));
      const at = Math.min(finish.again ?? now + LOOK_AGAIN_MS, latest);
      return waiting('deferred', notBefore({ at, why: 'another look' }, floorOf(policy, record, now)), failures, 0);
    }
    case 'rate-limited':
      return finish.again === undefined
        ? endless('rate-limited')
        : waiting('rate-limited', floorOf(policy, record, now));
    case 'offline':
      return endless('offline');
    case 'login-required':
    case 'unavailable':
      return halted(record, finish.outcome, finish.message ?? '', failures);
    case 'failed': {
      if (isLocalTrouble(finish)) return endless('backoff');
      if (finish.excused) return cycle(failures);
      const count = failures + 1;
      return count < policy.maxFailures ? cycle(count) : gaveUp(record, finish.message ?? '', count, now);
    }
    default:
      return unreachable(finish.outcome);
  }
}

const LOCAL: readonly (string | undefined)[] = [
  'KA_STORE_UNWRITABLE',
  'KA_STORE_LOCKED',
  'KA_HOME_UNUSABLE',
  'KA_MACHINE_EXHAUSTED',
  'KA_NOT_RENEWED',
] satisfies ErrorCode[];

/** A local problem: a disk, a lock or a program. It does not count as a failure of the session. */
export const isLocalTrouble = ({ code }: Pick<Finish, 'code'>): boolean => LOCAL.includes(code);

const isOutage = ({ lastAttempt }: SessionRecord): boolean =>
  lastAttempt !== undefined &&
  (lastAttempt.outcome === 'offline' || lastAttempt.outcome === 'rate-limited' || isLocalTrouble(lastAttempt));

function withFacts(before: SessionRecord, finish: Finish, now: Instant): SessionRecord {
  const { outcome, code, expiresAt, loginExpiresAt, again, fingerprint, sight, askedNobody } = finish;
  const isSame = fingerprint === before.fingerprint && sight === before.sight && askedNobody === before.askedNobody;
  const record = isSame ? before : { ...before, fingerprint, sight, askedNobody };
  if (outcome === 'rate-limited' && again !== undefined)
    return { ...record, vendorWaitUntil: clampVendorWait(again, now) };
  const expirySeenAt = expiresAt === before.expiresAt ? before.expirySeenAt : now;
  if (outcome === 'deferred') {
    if (expiresAt === undefined) return record;
    return { ...record, expiresAt, expirySeenAt, loginExpiresAt: loginExpiresAt ?? before.loginExpiresAt };
  }
  if (outcome !== 'refreshed' && outcome !== 'fresh') return record;
  const success = code === undefined ? { lastSuccessAt: now } : {};
  return { ...record, ...success, expiresAt, loginExpiresAt, expirySeenAt, vendorWaitUntil: undefined };
}
