import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { statusCell } from './status.ts';
import { renderTable, type Cell, type Column, type FormerWidths } from './table.ts';
import type { View } from './view.ts';

const COLUMNS: readonly Column[] = [
  { title: 'STATE', rank: 1 },
  { title: 'EXPIRES', rank: 2 },
  { title: 'NEXT', rank: 3 },
  { title: 'RENEWED', rank: 4 },
  { title: 'CHECKED', rank: 5 },
  { title: 'LOGIN ENDS', rank: 6 },
  { title: 'ACCOUNT', rank: 7, min: 14 },
  { title: 'METHOD', rank: 9 },
  { title: 'WHY', rank: 8, min: 16 },
];

/** An end that is nearer than this stands out. */
export const LOGIN_ENDS_SOON_MS = 7 * 86_400_000;

type TableOptions = {
  /** The row that the user has selected. */
  readonly selected?: string | undefined;
  /** Whether the states are what a daemon left, and no daemon runs. */
  readonly isPast?: boolean | undefined;
  /** The widths of the columns in an earlier part of the same table. */
  readonly former?: FormerWidths | undefined;
};

/** Sessions in a table, in the order given. */
export function renderSessions(sessions: readonly Session[], view: View, options: TableOptions = {}): string {
  const { selected } = options;
  const hasCursor = selected !== undefined && sessions.some(({ id }) => id === selected);
  const cursor = (id: string): readonly Cell[] =>
    hasCursor ? [{ text: id === selected ? '›' : '', style: 'cyan' }] : [];
  // An id is cut only where little else would fit beside it.
  const id: Column = { title: 'ID', rank: 0, min: view.width < 80 ? 16 : 28 };
  return renderTable(
    [...(hasCursor ? [{ title: '', rank: 0 }] : []), id, ...COLUMNS],
    sessions.map(session => [...cursor(session.id), ...sessionRow(session, view.now, options)]),
    view,
    options.former,
  );
}

function sessionRow(session: Session, now: Instant, { isPast = false }: TableOptions): readonly Cell[] {
  const { lastSuccessAt, lastRenewedAt, nextAttemptAt, nextAttemptWhy, expiresAt, loginExpiresAt } = session;
  const when = (at: number | undefined): string => (at === undefined ? '' : relative(at, now));
  return [
    { text: session.id, style: 'bold' },
    statusCell(session, now, isPast),
    endCell(expiresAt, 'expired', now),
    { text: isPast ? '' : nextText(nextAttemptAt, now) },
    { text: when(lastRenewedAt) },
    { text: when(lastSuccessAt) },
    endCell(loginExpiresAt, 'ended', now, LOGIN_ENDS_SOON_MS),
    { text: session.account ?? '' },
    { text: session.method },
    { text: isPast || nextAttemptAt === undefined ? '' : (nextAttemptWhy ?? ''), style: 'dim' },
  ];
}

/** When something ends, in the colour of trouble if that is over or nearer than `within`. */
function endCell(at: Instant | undefined, verb: string, now: Instant, within = 0): Cell {
  if (at === undefined) return { text: '' };
  const text = relative(at, now);
  if (at <= now) return { text: text === 'now' ? verb : `${verb} ${text}`, style: 'red' };
  return at - now < within ? { text, style: 'yellow' } : { text };
}

/** An attempt whose time has come waits for its turn. */
const nextText = (at: Instant | undefined, now: Instant): string =>
  at === undefined ? '' : at <= now ? 'now' : relative(at, now);
