import { displayWidth, oneLine, padEnd, truncate } from './width.ts';
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

/** Rows in columns, never wider than the view: long cells are shortened first, then the least important columns go. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint }: View,
): string {
  const lines = [
    columns.map(({ title }): Cell => ({ text: title, style: 'dim' })),
    ...rows.map(row => row.map(cell => ({ ...cell, text: oneLine(cell.text) }))),
  ];
  const natural = columns.map((_, at) => {
    const [title = 0, ...cells] = lines.map(line => displayWidth(line[at]?.text ?? ''));
    return Math.max(0, ...cells) && Math.max(title, ...cells);
  });
  const widths = fit(columns, natural, width);
  return lines
    .map(line =>
      [...widths]
        .map(([at, room]) => {
          const { text, style } = line[at] ?? { text: '' };
          const cut = truncate(text, room);
          return padEnd(style && cut ? paint(style, cut) : cut, room);
        })
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
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
