import type { Instant, Session } from '../../../sdk/session.ts';
import { describeAttempt, outcomeSymbol } from './attempts.ts';
import { stateCell, whatToDo } from './state.ts';
import { approximate, relative } from './time.ts';
import type { View } from './view.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A line for each attempt that is under way, by id and beginning. */
export function renderProgress(underWay: ReadonlyMap<string, Instant>, { now, paint }: View): string | undefined {
  const frame = FRAMES[Math.floor(now / 200) % FRAMES.length] ?? '';
  if (!underWay.size) return undefined;
  return [...underWay].map(([id, since]) => `${paint('cyan', frame)} ${paint('bold', id)} refreshing, ${approximate(now - since)}`).join('\n');
}

/** How it went, in a line. */
export function renderSettled(session: Session, { now, paint }: View): string {
  const { id, lastAttempt, expiresAt, nextAttemptAt, state } = session;
  const cell = stateCell(state);
  const { symbol, style, words } = lastAttempt
    ? { ...outcomeSymbol(lastAttempt.outcome), words: describeAttempt(lastAttempt) }
    : { symbol: cell.text.slice(0, 1), style: cell.style ?? 'dim', words: cell.text.slice(2) };
  const particulars = [
    words,
    ...(expiresAt === undefined ? [] : [`expires ${relative(expiresAt, now)}`]),
    ...(nextAttemptAt === undefined ? [] : [`next attempt ${relative(nextAttemptAt, now)}`]),
  ];
  const advice = whatToDo(session, now);
  return [`${paint(style, symbol)} ${paint('bold', id)} ${particulars.join('; ')}`, ...(advice ? [`  ${advice}`] : [])].join('\n');
}
