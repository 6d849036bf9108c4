import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { describeAttempt, describeOutcome, outcomeSymbol } from './attempts.ts';
import { stateCell, whatToDo } from './state.ts';
import { approximate, relative } from './time.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A line for each attempt that is under way, by id and beginning. */
export function renderProgress(underWay: ReadonlyMap<string, Instant>, { now, paint }: View): string | undefined {
  const frame = FRAMES[Math.floor(now / 200) % FRAMES.length] ?? '';
  if (!underWay.size) return undefined;
  const line = (id: string, since: Instant) =>
    `${paint('cyan', frame)} ${paint('bold', id)} refreshing, ${approximate(now - since)}`;
  return [...underWay].map(([id, since]) => line(id, since)).join('\n');
}

/** How it went, in a line; and in a second one what a person can do, where there is something. */
export function renderSettled(session: Session, { now, width, paint }: View): string {
  const { id, lastAttempt, expiresAt, nextAttemptAt, state } = session;
  const advice = whatToDo(session, now);
  const cell = stateCell(state);
  const [symbol, words] = lastAttempt
    ? ([
        outcomeSymbol(lastAttempt.outcome),
        advice ? describeOutcome(lastAttempt) : describeAttempt(lastAttempt),
      ] as const)
    : ([{ symbol: cell.text.slice(0, 1), style: cell.style ?? 'dim' }, cell.text.slice(2)] as const);
  const particulars = [
    words,
    ...(expiresAt === undefined ? [] : [`expires ${relative(expiresAt, now)}`]),
    ...(nextAttemptAt === undefined ? [] : [`next attempt ${relative(nextAttemptAt, now)}`]),
  ];
  const line = `${paint(symbol.style, symbol.symbol)} ${paint('bold', id)} ${particulars.join('; ')}`;
  return advice ? `${line}\n  ${wrap(advice, width - 2, '  ')}` : line;
}
