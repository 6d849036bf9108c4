import type { Deadline } from '../../../sdk/wording/deadlines.ts';
import { localTime, relative } from '../../../sdk/wording/time.ts';
import { LOGIN_ENDS_SOON_MS } from './sessions.ts';
import { renderTable, type Column } from './table.ts';
import type { Style, View } from './view.ts';
import { wrap } from './width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ENDS', rank: 0 },
  { title: '', rank: 3 },
  { title: 'ID', rank: 1, min: 16 },
  { title: 'WHAT', rank: 4 },
  { title: 'WHAT TO DO', rank: 2, min: 16 },
];

/** What ends when, and how it is renewed. */
export function renderDeadlines(deadlines: readonly Deadline[], view: View): string {
  if (deadlines.length === 0) return wrap(NONE, view.width);
  const rows = deadlines.map(({ id, kind, at, renew }) => [
    { text: localTime(at, view.now) },
    { text: relative(at, view.now), style: urgencyOf(at - view.now) },
    { text: id, style: 'bold' as const },
    { text: kind },
    { text: renew },
  ]);
  return renderTable(COLUMNS, rows, view);
}

const urgencyOf = (left: number): Style => (left <= 0 ? 'red' : left < LOGIN_ENDS_SOON_MS ? 'yellow' : 'dim');

const NONE =
  'No end is known: every session is renewed, or its end is not known. ' +
  'A reminder of another one is added by `keepalive add deadline --id ID expiresAt=DATE`.';
