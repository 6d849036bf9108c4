import type { ErrorCode } from '../sdk/contract/errors.ts';
import {
  methodOf,
  type Attempt,
  type Instant,
  type SessionRecord,
  type SessionState,
  type WaitReason,
} from '../sdk/contract/session.ts';
import { unreachable } from '../sdk/base/unreachable.ts';
import { endsIn, withEnds, withRenew, type Ends } from './ends.ts';
import type { AttemptResult, Context, SessionEvent } from './event.ts';
import { alive, failuresOf, gaveUp, halted } from './states.ts';
import { clampVendorWait, floorOf, laterOf, latestAttempt, wakeAfterTrouble, type Wake } from './timing.ts';

const CHECK_AGAIN_MS = 2 * 60_000;
const MAX_DEFERRED_MS = 3_600_000;

type Finish = Extract<SessionEvent, { type: 'finish' }>;

/** The record after an attempt. If the session was paused meanwhile, it stays paused and only the facts are kept. */
export function applyResult(before: SessionRecord, event: Finish, context: Context): SessionRecord {
  const { result } = event;
  const record = withFacts(before, result, context.now);
  const state = before.state.name === 'refreshing' ? stateAfter(record, before.state, result, context) : before.state;
  return { ...record, state, lastAttempt: attemptOf(before, event, failuresOf(state), context.now) };
}

function stateAfter(
  record: SessionRecord,
  { failures, tries }: { readonly failures: number; readonly tries: number },
  result: AttemptResult,
  context: Context,
): SessionState {
  const { policy, now } = context;
  const hint = result.message ?? '';
  const waiting = (why: WaitReason, wake: Wake, counts: Partial<{ failures: number; tries: number }> = {}) =>
    ({ name: 'waiting', why, failures, tries, ...counts, wakeAt: wake.at, wakeWhy: wake.explanation, hint }) as const;
  const retryWithoutEnd = (why: WaitReason) =>
    waiting(why, wakeAfterTrouble(record, { tries, isEndless: true }, context));
  // Retries made during an outage do not use up this cycle's retries.
  const retries = isOutage(record) ? 1 : tries;
  const retry = (count: number) =>
    waiting('backoff', wakeAfterTrouble(record, { tries: retries, isEndless: false }, context), {
      failures: count,
      tries: retries > policy.retries ? 0 : retries,
    });
  switch (result.outcome) {
    case 'refreshed':
    case 'fresh':
      return result.code === 'KA_INEFFECTIVE' ? retry(failures) : alive(record, context);
    case 'deferred': {
      const latest = Math.min(now + MAX_DEFERRED_MS, latestAttempt(record, context));
      const at = Math.min(result.retryAt ?? now + CHECK_AGAIN_MS, latest);
      return waiting('deferred', laterOf({ at, explanation: 'it was deferred' }, floorOf(record, context), now), {
        tries: 0,
      });
    }
    case 'rate-limited':
      return result.retryAt === undefined
        ? retryWithoutEnd('rate-limited')
        : waiting('rate-limited', floorOf(record, context));
    case 'offline':
      return retryWithoutEnd('offline');
    case 'login-required':
    case 'unavailable':
      return halted(result.outcome, hint, failures);
    case 'failed': {
      if (isLocalTrouble(result)) return retryWithoutEnd('backoff');
      if (result.ignored) return retry(failures);
      const count = failures + 1;
      return count < policy.maxFailures ? retry(count) : gaveUp(hint, count, now);
    }
    default:
      return unreachable(result.outcome);
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
export const isLocalTrouble = ({ code }: Pick<AttemptResult, 'code'>): boolean => LOCAL.includes(code);

/** Whether the attempt before this one failed for a reason outside of the session. */
const isOutage = ({ lastAttempt }: SessionRecord): boolean =>
  lastAttempt !== undefined &&
  (lastAttempt.outcome === 'offline' || lastAttempt.outcome === 'rate-limited' || isLocalTrouble(lastAttempt));

/** What the attempt established about the credential and the vendor. */
function withFacts(before: SessionRecord, result: AttemptResult, now: Instant): SessionRecord {
  const { outcome, code, retryAt, fingerprint, sight, askedNobody, seen } = result;
  const ended = withEnds(before, endsAfter(before, result, now), { fingerprint: seen?.fingerprint, now });
  const record = { ...withRenew(ended, seen), fingerprint, sight, askedNobody };
  if (outcome === 'rate-limited' && retryAt !== undefined)
    return { ...record, vendorWaitUntil: clampVendorWait(retryAt, now) };
  if (!isSuccess(result)) return record;
  const isEffective = code === undefined;
  return {
    ...record,
    vendorWaitUntil: undefined,
    ...(isEffective && { lastSuccessAt: now }),
    ...(isEffective && outcome === 'refreshed' && { lastRenewedAt: now }),
  };
}

const isSuccess = ({ outcome }: AttemptResult): boolean => outcome === 'refreshed' || outcome === 'fresh';

/** A success says when the credential ends. After any other outcome, the store may still show it. */
function endsAfter(before: SessionRecord, result: AttemptResult, now: Instant): Ends {
  const { outcome, seen } = result;
  if (isSuccess(result)) return result;
  if (seen) return endsIn(before, seen, now);
  return outcome === 'unavailable' ? {} : before;
}

/** The attempt as the history keeps it. */
const attemptOf = (
  before: SessionRecord,
  { id, reason, result }: Finish,
  failures: number,
  endedAt: Instant,
): Attempt => ({
  id,
  startedAt: before.lastAttemptAt ?? endedAt,
  endedAt,
  reason,
  method: result.method ?? methodOf(before) ?? 'auto',
  outcome: result.outcome,
  failures,
  code: result.code,
  message: result.message,
});
