import type { View } from '../render/view.ts';

/** Light modules around the code, without which a camera does not find it. */
const BORDER = 2;

export type QrCode =
  | { readonly fits: true; readonly text: string }
  /** The terminal is too small. */
  | { readonly fits: false; readonly columns: number; readonly rows: number };

/**
 * The address as a QR code, two modules a character. All of it has to be on the screen at once, with `below` rows
 * below it. Undefined if the output is no terminal.
 */
export async function qrCode(url: string, { width, height, paint }: View, below: number): Promise<QrCode | undefined> {
  if (height === undefined) return undefined;
  const { renderUnicodeCompact } = await import('uqr');
  const isPainted = paint('ink', ' ') !== ' ';
  // Without colours, the modules that are drawn are the light ones: most terminals have a dark background.
  const lines = renderUnicodeCompact(url, { ecc: 'L', border: BORDER, invert: isPainted }).split('\n');
  const columns = lines[0]?.length ?? 0;
  const rows = lines.length + below;
  // The cursor needs a row too.
  if (columns > width || rows > height) return { fits: false, columns, rows: rows + 1 };
  return { fits: true, text: lines.map(line => paint('ink', line)).join('\n') };
}
