import type { Entry } from '../render/digest.ts';

/** How many lines the parts of the live view have, without the empty line above each but the first. */
export type Lines = { readonly table: number; readonly remarks: number; readonly events: number };

/** What each part gets of the room. If not all fits, the table gets most, but no part disappears. */
export function divide(room: number, wanted: Lines): Lines {
  const { table, remarks, events } = wanted;
  if (table + below(remarks) + below(events) <= room) return wanted;
  const someEvents = Math.min(events, Math.floor(room / 4));
  const rest = room - below(someEvents);
  const someRemarks = Math.min(remarks, Math.max(Math.floor(rest / 3), rest - table - 1));
  return { table: Math.max(2, Math.min(table, rest - below(someRemarks))), remarks: someRemarks, events: someEvents };
}

const below = (lines: number): number => (lines > 0 ? lines + 1 : 0);

/** Which sessions are in a table of this many rows: all, or those around the one that is selected. */
export function rowsIn(
  height: number,
  entries: readonly Entry[],
  selected: string | undefined,
): { readonly from: number; readonly to: number } {
  const count = entries.length;
  // The last line says how many are hidden.
  const rows = count <= height ? count : Math.max(1, height - 1);
  const at = selected === undefined || count === rows ? 0 : entries.findIndex(({ session }) => session.id === selected);
  const from = Math.max(0, Math.min(at - Math.floor(rows / 2), count - rows));
  return { from, to: from + rows };
}
