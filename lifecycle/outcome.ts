import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { isRefreshOutcome, outcomeProblem } from '../sdk/contract/outcome.ts';
import type { Instant, SessionRecord } from '../sdk/contract/session.ts';
import type { LastOutcome } from '../sdk/plugin/provider.ts';
import type { RefreshOutcome } from '../sdk/contract/outcome.ts';
import { isExhausted } from '../sdk/base/errno.ts';
import type { AttemptResult, Unreadable } from './event.ts';
import { plausibleExpiry } from './timing.ts';
import { describeOurs } from '../sdk/wording/error.ts';
import { clause, sentence } from '../sdk/wording/sentence.ts';
import { networkReason } from '../sdk/wording/trouble.ts';

const MAX_MESSAGE = 500;

/** Translates what `refresh` returned. Throws `KA_PLUGIN_INVALID` if it is not an outcome. */
export function resultOf(
  returned: unknown,
  before: SessionRecord,
  now: Instant,
  scrub: (text: string) => string,
): AttemptResult {
  if (!isRefreshOutcome(returned)) throw new KeepaliveError('KA_PLUGIN_INVALID', { problem: outcomeProblem(returned) });
  const { status: outcome, method } = returned;
  const clean = (text: string) => scrub(text).slice(0, MAX_MESSAGE);
  switch (returned.status) {
    case 'refreshed':
    case 'fresh':
      return { method, ...successOf(returned, before, now) };
    case 'deferred':
      return { outcome, method, retryAt: returned.until?.getTime(), message: clean(returned.reason) };
    case 'rate-limited':
      return { outcome, method, retryAt: returned.retryAt?.getTime(), message: 'The vendor asked to wait.' };
    case 'login-required':
      return { outcome, method, message: clean(`${proofOf(returned.proof, scrub)} ${returned.hint}`) };
    case 'unavailable':
      return { outcome, method, message: clean(returned.hint) };
  }
}

/** What happened, before what to do. A long proof leaves room for the hint. */
const proofOf = (proof: string, scrub: (text: string) => string): string =>
  sentence(scrub(proof).slice(0, MAX_MESSAGE / 2));

type Success = Extract<RefreshOutcome, { status: 'refreshed' | 'fresh' }>;

/** A renewal that does not extend the credential, and a fresh credential that has expired, are ineffective. */
function successOf(outcome: Success, before: SessionRecord, now: Instant): AttemptResult {
  const { status } = outcome;
  const expiresAt = plausibleExpiry(outcome.expiresAt?.getTime(), now);
  const loginExpiresAt = plausibleExpiry(outcome.loginExpiresAt?.getTime(), now);
  const result = { outcome: status, expiresAt, loginExpiresAt };
  if (expiresAt === undefined) return result;
  const isNotLater = status === 'refreshed' && before.expiresAt !== undefined && expiresAt <= before.expiresAt;
  if (expiresAt > now && !isNotLater) return result;
  return { ...result, code: 'KA_INEFFECTIVE', message: INEFFECTIVE[isNotLater ? 'not-later' : status] };
}

const INEFFECTIVE = {
  fresh: 'The provider reported it as fresh, but it has expired.',
  refreshed: 'It was renewed, but has expired meanwhile. The machine may have slept, or its clock been set forward.',
  'not-later': 'It was renewed, but it does not last longer than before.',
} as const;

/** The last outcome, for the provider; undefined after a failure. */
export function lastOutcome({ lastAttempt, expiresAt, expirySeenAt }: SessionRecord): LastOutcome | undefined {
  if (!lastAttempt || lastAttempt.outcome === 'failed' || lastAttempt.outcome === 'offline') return undefined;
  return {
    status: lastAttempt.outcome,
    at: lastAttempt.endedAt,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt), expirySeenAt }),
  };
}

/** The reason why a credential could not be inspected. */
export const unreadable =
  (scrub: (text: string) => string) =>
  (error: unknown): Unreadable => ({ unreadable: failureOf(error, scrub).message ?? '' });

/**
 * Classifies an error: a network problem (`offline`), a problem of this machine, or an unexplained failure. Only the
 * last counts as a failure of the session. `scrub` removes secrets from the message.
 */
export function failureOf(
  error: unknown,
  scrub: (text: string) => string,
): Pick<AttemptResult, 'outcome' | 'code' | 'message'> {
  const chain = causesOf(error);
  const isLocal = chain.some(
    link => isExhausted(codeOf(link)) || (isKeepaliveError(link) && isExhausted(link.details['reason'])),
  );
  const isOffline =
    !isLocal && chain.some(link => OFFLINE.has(codeOf(link) ?? '') || networkReasonOf(link) !== undefined);
  const own = isKeepaliveError(error) ? error.code : 'KA_PLUGIN_FAILED';
  return {
    outcome: isOffline ? 'offline' : 'failed',
    // A plugin that lets the error of a request through has not failed.
    code: isLocal ? 'KA_MACHINE_EXHAUSTED' : isOffline && own === 'KA_PLUGIN_FAILED' ? 'KA_OFFLINE' : own,
    message: scrub(isLocal || !isOffline ? failureText(chain) : offlineText(chain)).slice(0, MAX_MESSAGE),
  };
}

const OFFLINE: ReadonlySet<string> = new Set(['KA_OFFLINE', 'KA_INTERCEPTED']);

const networkReasonOf = (link: unknown): string | undefined =>
  typeof link === 'object' && link !== null ? networkReason(link) : undefined;

/** Our own sentence about the vendor, and why it was not reached. */
function offlineText(chain: readonly unknown[]): string {
  const [first] = chain;
  const why = chain.map(networkReasonOf).findLast(reason => reason !== undefined);
  if (why === undefined) return failureText(chain);
  const known = isKeepaliveError(first) && first.code !== 'KA_PLUGIN_FAILED' ? describeOurs(first) : undefined;
  return `${clause(known ?? 'The vendor could not be reached')}: ${why}.`;
}

/** The first message says what failed, and the last one says why. */
function failureText(chain: readonly unknown[]): string {
  const [first = 'The cause is unknown.'] = chain.map(messageOf).filter(Boolean);
  // Ours name the system's code already.
  const last = chain
    .slice(1)
    .filter(link => !first.includes(codeOf(link) ?? '\0'))
    .map(messageOf)
    .filter(Boolean)
    .at(-1);
  return last === undefined || first.includes(clause(last)) ? sentence(first) : `${clause(first)}: ${sentence(last)}`;
}

const messageOf = (link: unknown): string =>
  isKeepaliveError(link) ? describeOurs(link) : link instanceof Error ? link.message : String(link);

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at = error;
    at !== undefined && at !== null && chain.length < 8 && !chain.includes(at);
    at = (at as { cause?: unknown }).cause
  )
    chain.push(at);
  return chain;
}

const codeOf = (error: unknown): string | undefined => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};
