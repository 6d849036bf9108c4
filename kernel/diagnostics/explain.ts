import { formatMs } from '../../sdk/contract/duration.ts';
import type { Explanation } from '../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import { describeSchedule } from '../session/schedule.ts';

/** Why the next attempt is when it is, in sentences; last what its provider notes about the credential. */
export function explain(session: Session, now: Instant, note = ''): Explanation {
  const { id, displayName, state, policy, method, expiresAt, loginExpiresAt, lastAttempt } = session;
  const sentences = [
    stateSentence(session, now),
    session.nextAttemptAt === undefined
      ? 'No attempt is planned.'
      : `The next attempt is ${session.nextAttemptAt > now ? relative(session.nextAttemptAt, now) : 'due'}: ${session.nextAttemptWhy}.`,
    `The schedule is ${scheduleInWords(session)}; a known expiry pulls an attempt forward, and attempts are at least ${policy.minInterval} apart.`,
    expiresAt === undefined
      ? 'No expiry is known.'
      : `The credential ${expiresAt > now ? 'expires' : 'expired'} ${relative(expiresAt, now)}.`,
    loginExpiresAt === undefined
      ? ''
      : `The login itself ${loginExpiresAt > now ? 'ends' : 'ended'} ${relative(loginExpiresAt, now)}, and no renewal extends it.`,
    lastAttempt
      ? `The last attempt, ${relative(lastAttempt.endedAt, now)}, ended as "${lastAttempt.outcome}"${because(lastAttempt.message)}.`
      : 'There was no attempt yet.',
    `It is kept alive by the method "${method}".`,
    note,
  ];
  return {
    // In one line: a plugin's words must not look like another line of ours.
    id,
    text: `${displayName}. ${sentences.filter(Boolean).join(' ')}`.replace(/\s+/g, ' ').trim(),
    facts: {
      state: state.name,
      why: 'why' in state ? state.why : null,
      method,
      schedule: describeSchedule(policy.schedule),
      nextAttemptAt: session.nextAttemptAt ?? null,
      expiresAt: expiresAt ?? null,
      loginExpiresAt: loginExpiresAt ?? null,
      failures: 'failures' in state ? state.failures : 0,
      enabled: policy.enabled,
    },
  };
}

function stateSentence({ state, policy }: Session, now: Instant): string {
  switch (state.name) {
    case 'idle':
      return 'It is about to be looked at.';
    case 'refreshing':
      return `An attempt has been under way for ${formatMs(now - state.since)}.`;
    case 'alive':
      return 'It is alive.';
    case 'waiting':
      return `It waits (${state.why})${state.failures ? ` after ${state.failures} of at most ${policy.maxFailures} failures` : ''}${because(state.hint)}.`;
    case 'halted':
      return `It is halted (${state.why})${because(state.hint)}.`;
    default:
      return unreachable(state);
  }
}

/** A hint is a sentence of its own; within ours it loses its full stop. */
const because = (hint: string | undefined): string => (hint ? `: ${hint.replace(/\.$/, '')}` : '');

function scheduleInWords({ policy: { schedule, renewEarly } }: Session): string {
  if (schedule.mode !== 'before-expiry') {
    return `${describeSchedule(schedule)}${renewEarly ? ', and from half of a known life on' : ''}`;
  }
  const early = renewEarly ? ' at the latest, from half of a known life on' : '';
  return `${schedule.buffer} before expiry${early}, or every 30m while none is known`;
}

const relative = (at: Instant, now: Instant): string =>
  at >= now ? `in ${formatMs(at - now)}` : `${formatMs(now - at)} ago`;
