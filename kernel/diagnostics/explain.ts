import type { Explanation } from '../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { OUTCOME_LABELS } from '../../sdk/wording/attempt.ts';
import { describeDuration, describeMs } from '../../sdk/wording/duration.ts';
import { describeExpiry, describeLoginEnd } from '../../sdk/wording/expiry.ts';
import { describeMethod } from '../../sdk/wording/method.ts';
import { describeTiming } from '../../sdk/wording/schedule.ts';
import { STATUS_SENTENCES, statusOf } from '../../sdk/wording/status.ts';
import { relative } from '../../sdk/wording/time.ts';
import { UNKNOWN_ZONE } from '../session/zone.ts';

/** Why the next check is at its time. `note` is what the provider adds about the credential. */
export function explain(session: Session, now: Instant, note = ''): Explanation {
  const { id, displayName, state, policy, method, expiresAt, loginExpiresAt } = session;
  const schedule = describeTiming(policy, UNKNOWN_ZONE);
  const sentences = [
    stateSentence(session, now),
    nextSentence(session, now),
    `The schedule is ${schedule}.`,
    'A known expiry brings a check forward, ' +
      `and checks are at least ${describeDuration(policy.minInterval, 'long')} apart.`,
    expiresAt === undefined ? 'No expiry is known.' : `The credential ${describeExpiry(expiresAt, now, inWords)}.`,
    loginExpiresAt === undefined
      ? ''
      : `The ${describeLoginEnd(loginExpiresAt, now, inWords)}, and no renewal extends it.`,
    lastSentence(session, now),
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
      failures: 'failures' in state ? state.failures : 0,
      enabled: policy.enabled,
    },
  };
}

const inWords = (at: Instant, now: Instant): string => relative(at, now, 'long');

function stateSentence(session: Session, now: Instant): string {
  const { state, policy } = session;
  const since = state.name === 'refreshing' ? ` (for ${describeMs(now - state.since, 'long')})` : '';
  const failures =
    state.name === 'waiting' && state.failures > 0
      ? ` (${state.failures} of at most ${policy.maxFailures} failures)`
      : '';
  const hint = 'hint' in state ? because(state.hint) : '';
  return `${STATUS_SENTENCES[statusOf(session, now)]}${since}${failures}${hint}.`;
}

function nextSentence({ nextAttemptAt, nextAttemptWhy }: Session, now: Instant): string {
  if (nextAttemptAt === undefined) return 'No check is planned.';
  const when = nextAttemptAt > now ? inWords(nextAttemptAt, now) : 'due now';
  return `The next check is ${when}${because(nextAttemptWhy)}.`;
}

function lastSentence({ lastAttempt }: Session, now: Instant): string {
  if (!lastAttempt) return 'It has not been checked yet.';
  const { endedAt, outcome, message } = lastAttempt;
  const result = `${OUTCOME_LABELS[outcome]}${because(message)}`;
  return `The last check was ${inWords(endedAt, now)}, with this result: ${result}.`;
}

/** A reason may be a sentence. Within ours it loses its full stop. */
const because = (reason: string | undefined): string => (reason ? `: ${reason.replace(/\.$/, '')}` : '');
