import { displayWidth, oneLine, truncate } from './width.ts';
import type { Style, View } from './view.ts';

export type Column = {
  readonly title: string;
  /** If there is not enough room, the column of the highest rank is left out first. */
  readonly rank: number;
  /** The column may be shortened to this width before any column is left out. */
  readonly min?: number | undefined;
};

export type Cell = { readonly text: string; readonly style?: Style | undefined };

const GAP = 2;

/** The widths that columns had so far, by title. */
export type FormerWidths = Map<string, number>;

/**
 * Rows in columns, never wider than the view: long cells are shortened first, then the least important columns go.
 * With `former`, no column becomes narrower than it was, so that a part of a long table can be replaced by another.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint }: View,
  former?: FormerWidths,
): string {
  const titles = columns.map(({ title }): Measured => ({ text: title, style: 'dim', width: displayWidth(title) }));
  const cells = rows.map(row => row.map(measured));
  const natural = titles.map(({ text, width: least }, at) => {
    const widest = cells.reduce((most, row) => Math.max(most, row[at]?.width ?? 0), 0);
    const wanted = Math.max(widest && Math.max(widest, least), former?.get(text) ?? 0);
    former?.set(text, wanted);
    return wanted;
  });
  const widths = [...fit(columns, natural, width)];
  return [titles, ...cells]
    .map(line =>
      widths
        .map(([at, room]) => renderCell(line[at], room, paint))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
}

/** A cell and the columns that its text takes. */
type Measured = Cell & { readonly width: number };

function measured({ text, style }: Cell): Measured {
  const line = oneLine(text);
  return { text: line, style, width: displayWidth(line) };
}

function renderCell(cell: Measured | undefined, room: number, paint: View['paint']): string {
  if (!cell?.text) return ' '.repeat(room);
  const { text, style, width } = cell;
  const cut = width > room ? truncate(text, room) : text;
  const padding = ' '.repeat(room - (width > room ? displayWidth(cut) : width));
  return `${style && cut ? paint(style, cut) : cut}${padding}`;
}

/** The columns that are shown, by index, with their widths. Empty columns are not shown. */
function fit(columns: readonly Column[], natural: readonly number[], width: number): ReadonlyMap<number, number> {
  let shown = columns.map((column, at) => ({ ...column, at, room: natural[at] ?? 0 })).filter(({ room }) => room > 0);
  for (;;) {
    const excess = shown.reduce((sum, { room }) => sum + room + GAP, -GAP) - width;
    if (excess <= 0) break;
    const slack = (column: (typeof shown)[number]) => column.room - Math.min(column.room, column.min ?? column.room);
    const slackest = shown.reduce((a, b) => (slack(b) > slack(a) ? b : a));
    const total = shown.reduce((sum, column) => sum + slack(column), 0);
    if (total >= excess) {
      slackest.room -= Math.min(excess, slack(slackest));
    } else if (shown.length > 1) {
      const last = shown.reduce((a, b) => (b.rank > a.rank ? b : a));
      shown = shown.filter(column => column !== last);
    } else {
      slackest.room = Math.max(1, width);
      break;
    }
  }
  return new Map(shown.map(({ at, room }) => [at, room]));
}
