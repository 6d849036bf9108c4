import { encode } from 'uqr';

/** A QR code as a path in a square of this many units. */
export type QrDrawing = { readonly size: number; readonly path: string };

/** Throws if the text is too long for a QR code. */
export function drawQr(text: string): QrDrawing {
  const { size, data } = encode(text, { border: 0 });
  return {
    size,
    path: data.flatMap((row, y) => runsIn(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join(''),
  };
}

/** Where the dark runs of a row begin, and how long they are. */
function runsIn(row: readonly boolean[]): readonly (readonly [at: number, length: number])[] {
  return row.flatMap((isDark, x) => {
    if (!isDark || row[x - 1]) return [];
    const end = row.indexOf(false, x);
    return [[x, (end < 0 ? row.length : end) - x] as const];
  });
}
