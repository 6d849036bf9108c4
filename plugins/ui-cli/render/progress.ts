import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { describeOutcome } from '../../../sdk/wording/attempt.ts';
import { describeMs } from '../../../sdk/wording/duration.ts';
import { describeExpiry } from '../../../sdk/wording/expiry.ts';
import { STATUS_LABELS, statusOf } from '../../../sdk/wording/status.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { describeAttempt, outcomeAppearance } from './attempts.ts';
import { adviceOn, appearanceOf } from './status.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A line for each attempt that is running, by id and start. */
export function renderProgress(running: ReadonlyMap<string, Instant>, { now, paint }: View): string | undefined {
  const frame = FRAMES[Math.floor(now / 200) % FRAMES.length] ?? '';
  if (!running.size) return undefined;
  const line = (id: string, since: Instant) =>
    `${paint('cyan', frame)} ${paint('bold', id)} ${STATUS_LABELS.refreshing}, ${describeMs(now - since)}`;
  return [...running].map(([id, since]) => line(id, since)).join('\n');
}

/** The result of an attempt on one line, and on a second one what the user can do, if there is something. */
export function renderSettled(session: Session, { now, width, paint }: View): string {
  const { id, lastAttempt, expiresAt, nextAttemptAt } = session;
  const advice = adviceOn(session, now);
  const { symbol, style = 'dim' } = lastAttempt ? outcomeAppearance(lastAttempt.outcome) : appearanceOf(session, now);
  const facts = [
    resultOf(session, advice !== undefined, now),
    ...(expiresAt === undefined ? [] : [describeExpiry(expiresAt, now)]),
    ...(nextAttemptAt === undefined ? [] : [`next check ${relative(nextAttemptAt, now)}`]),
  ];
  const line = `${paint(style, symbol)} ${paint('bold', id)} ${facts.join('; ')}`;
  return advice ? `${line}\n  ${wrap(advice, width - 2, '  ')}` : line;
}

/** The advice has the reason already. */
function resultOf(session: Session, hasAdvice: boolean, now: Instant): string {
  const { lastAttempt } = session;
  if (!lastAttempt) return STATUS_LABELS[statusOf(session, now)];
  return hasAdvice ? describeOutcome(lastAttempt) : describeAttempt(lastAttempt);
}
