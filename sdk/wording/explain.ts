import type { Explanation } from '../contract/rpc.ts';
import type { Instant, Session } from '../contract/session.ts';
import { OUTCOME_LABELS } from './attempt.ts';
import { warningSentence } from './deadlines.ts';
import { describeDuration, describeMs } from './duration.ts';
import { describeExpiry, describeLoginEnd } from './expiry.ts';
import { describeMethod } from './labels.ts';
import { describeTiming, UNUSED_LEAD } from './schedule.ts';
import { sentence } from './sentence.ts';
import { adviceIn } from './sign-in-advice.ts';
import { STATUS_SENTENCES, statusOf } from './status.ts';
import { relative } from './time.ts';

export type ExplainOptions = {
  readonly now: Instant;
  /** What the provider adds about the credential. */
  readonly note?: string | undefined;
  /** The value of `TZ`, if Node does not know it: times of day are UTC then. */
  readonly unknownZone?: string | undefined;
  /** The user has set `refreshBefore`, and the schedule does not use it. */
  readonly isLeadUnused?: boolean;
};

/** Why the next attempt is at its time. */
export function explain(session: Session, { now, note = '', unknownZone, isLeadUnused }: ExplainOptions): Explanation {
  const { id, displayName, state, policy, method, expiresAt, loginExpiresAt } = session;
  const schedule = describeTiming(policy, unknownZone);
  const sentences = [
    stateSentence(session, now),
    nextSentence(session, now),
    `The schedule is ${schedule}.`,
    'A known expiry brings an attempt forward, ' +
      `and attempts are at least ${describeDuration(policy.minInterval, 'long')} apart.`,
    isLeadUnused ? UNUSED_LEAD : '',
    expiresAt === undefined ? 'No expiry is known.' : `The credential ${describeExpiry(expiresAt, now, inWords)}.`,
    loginExpiresAt === undefined ? '' : deadlineSentence(session, loginExpiresAt, now),
    pastSentence(session, now),
    troubleSentence(session, now),
    describeMethod(method),
    note,
  ];
  return {
    id,
    // On one line, so that text from a plugin cannot look like a line of ours.
    text: `${displayName}. ${sentences.filter(Boolean).join(' ')}`.replace(/\s+/g, ' ').trim(),
    facts: {
      state: state.name,
      why: 'why' in state ? state.why : null,
      method,
      schedule,
      nextAttemptAt: session.nextAttemptAt ?? null,
      expiresAt: expiresAt ?? null,
      loginExpiresAt: loginExpiresAt ?? null,
      lastSuccessAt: session.lastSuccessAt ?? null,
      lastRenewedAt: session.lastRenewedAt ?? null,
      failures: 'failures' in state ? state.failures : 0,
      enabled: policy.enabled,
    },
  };
}

const inWords = (at: Instant, now: Instant): string => relative(at, now, 'long');

function deadlineSentence({ policy }: Session, at: Instant, now: Instant): string {
  const end = `The ${describeLoginEnd(at, now, inWords)}, and no renewal extends it.`;
  return at > now ? `${end} ${warningSentence(policy.warn)}` : end;
}

function stateSentence(session: Session, now: Instant): string {
  const { state, policy } = session;
  const since = state.name === 'refreshing' ? ` (for ${describeMs(now - state.since, 'long')})` : '';
  const failures =
    state.name === 'waiting' && state.failures > 0
      ? ` (${state.failures} of at most ${policy.maxFailures} failures)`
      : '';
  const hint = adviceIn(session) ?? '';
  const said = `${STATUS_SENTENCES[statusOf(session, now)]}${since}${failures}`;
  // A hint of several sentences follows ours as they are.
  return /^[A-Z]/.test(hint) ? `${said}. ${sentence(hint)}` : `${said}${because(hint)}.`;
}

function nextSentence({ nextAttemptAt, nextAttemptWhy }: Session, now: Instant): string {
  if (nextAttemptAt === undefined) return 'No attempt is planned.';
  const when = nextAttemptAt > now ? inWords(nextAttemptAt, now) : 'due now';
  return `The next attempt is ${when}${because(nextAttemptWhy)}.`;
}

/** A check looks at the credential and may find nothing to renew, so the two times differ. */
function pastSentence({ lastAttempt, lastSuccessAt, lastRenewedAt }: Session, now: Instant): string {
  if (!lastAttempt && lastRenewedAt === undefined) return 'It has not been attempted yet.';
  const checked = lastSuccessAt === undefined ? '' : `checked ${inWords(lastSuccessAt, now)}`;
  const renewed = lastRenewedAt === undefined ? '' : `renewed ${inWords(lastRenewedAt, now)}`;
  const past = [checked, renewed].filter(Boolean).join(', and last ');
  return past && `It was last ${past}.`;
}

/** The last attempt, unless it is the last check. The state may have its message already. */
function troubleSentence(session: Session, now: Instant): string {
  const { lastAttempt } = session;
  if (!lastAttempt || ((lastAttempt.outcome === 'fresh' || lastAttempt.outcome === 'refreshed') && !lastAttempt.code))
    return '';
  const { endedAt, outcome, message } = lastAttempt;
  const isSaid = message !== undefined && adviceIn(session) === message;
  const result = `${OUTCOME_LABELS[outcome]}${isSaid ? '' : because(message)}`;
  return `The last attempt was ${inWords(endedAt, now)}, with this result: ${result}.`;
}

/** A reason may be a sentence. Within ours it loses its full stop, also one in brackets at its end. */
const because = (reason: string | undefined): string => (reason ? `: ${reason.replace(/\.(\)?)$/, '$1')}` : '');
