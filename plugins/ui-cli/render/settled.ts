import type { Attempt, Instant, Session } from '../../../sdk/contract/session.ts';
import { describeOutcome } from '../../../sdk/wording/attempt.ts';
import { describeExpiry } from '../../../sdk/wording/expiry.ts';
import { clause } from '../../../sdk/wording/sentence.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf } from '../../../sdk/wording/status.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { describeAttempt, outcomeAppearance } from './attempts.ts';
import { adviceOn, appearanceOf } from './status.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

/** What came of a request to refresh a session. */
export type Settled = {
  readonly session: Session;
  /** Whether an attempt was made for this request. There may have been one a moment before. */
  readonly wasAttempted: boolean;
};

/** The result on one line, and on a second one what the user can do, if there is something. */
export function renderSettled({ session, wasAttempted }: Settled, { now, width, paint }: View): string {
  const { id, lastAttempt, expiresAt, nextAttemptAt } = session;
  const advice = adviceOn(session, now);
  const made = wasAttempted ? lastAttempt : undefined;
  const { symbol, style = 'dim' } = made ? outcomeAppearance(made.outcome) : lookWithout(session, now);
  const facts = [
    made ? resultOf(made, advice !== undefined) : notAttempted(session, now),
    ...(expiresAt === undefined ? [] : [describeExpiry(expiresAt, now)]),
    ...(nextAttemptAt === undefined ? [] : [`next attempt ${relative(nextAttemptAt, now)}`]),
  ];
  const line = `${paint(style, symbol)} ${paint('bold', id)} ${facts.join('; ')}`;
  return advice ? `${line}\n  ${wrap(advice, width - 2, '  ')}` : line;
}

/** The advice has the reason already. */
function resultOf(attempt: Attempt, hasAdvice: boolean): string {
  if (attempt.outcome === 'fresh') return 'still good, nothing to renew';
  return hasAdvice ? describeOutcome(attempt) : clause(describeAttempt(attempt));
}

/** No check mark without an attempt. */
function lookWithout(session: Session, now: Instant) {
  const isGood = STATUS_TONES[statusOf(session, now)] === 'good';
  return isGood ? ({ symbol: '·', style: 'dim' } as const) : appearanceOf(session, now);
}

function notAttempted(session: Session, now: Instant): string {
  const { lastAttempt } = session;
  const status = STATUS_LABELS[statusOf(session, now)];
  return lastAttempt ? `${status}, attempted ${relative(lastAttempt.endedAt, now)} and not again` : status;
}
