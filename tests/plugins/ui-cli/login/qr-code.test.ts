import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { qrCode } from '../../../../plugins/ui-cli/login/qr-code.ts';
import { coloured, plain, shown } from '../../../../plugins/ui-cli/render/view.ts';

const SHORT = 'https://vendor.example/device';
const LONG = `https://vendor.example/sign-in?state=${'x'.repeat(400)}`;
const ROWS_BELOW = 5;

/** The dark modules of what the terminal shows, from the upper and lower halves of its characters. */
function modulesIn(text: string, drawn: 'dark' | 'light'): boolean[][] {
  const isDark = (isDrawn: boolean) => isDrawn === (drawn === 'dark');
  return text.split('\n').flatMap(line => {
    const letters = [...line];
    return [letters.map(letter => isDark('█▀'.includes(letter))), letters.map(letter => isDark('█▄'.includes(letter)))];
  });
}

const expected = (url: string) => encode(url, { ecc: 'L', border: 2 }).data;

describe('the QR code of an address', () => {
  test.each([SHORT, LONG])('has the modules of a code for %s, without colours as light characters', async url => {
    const code = await qrCode(url, { now: 0, width: 200, height: 100, paint: plain }, ROWS_BELOW);
    const { data, rows } = { data: expected(url), rows: expected(url).length };
    expect(code).toMatchObject({ fits: true });
    expect(modulesIn(code?.fits ? code.text : '', 'light').slice(0, rows)).toEqual(data);
  });

  test('is black on white with colours, in every theme', async () => {
    const code = await qrCode(SHORT, { now: 0, width: 200, height: 100, paint: coloured }, ROWS_BELOW);
    const lines = shown(code?.fits ? code.text : '').split('\n');
    const [open, close] = ['\x1b[38;5;16;48;5;231m', '\x1b[39;49m'];
    expect(lines.every(line => line.startsWith(open) && line.endsWith(close))).toBe(true);
    const bare = lines.map(line => line.slice(open.length, -close.length)).join('\n');
    expect(modulesIn(bare, 'dark').slice(0, expected(SHORT).length)).toEqual(expected(SHORT));
  });

  test.each(Array.from({ length: 17 }, (_, step) => 40 + 10 * step))(
    'at %i columns is whole or absent',
    async width => {
      for (const url of [SHORT, LONG]) {
        const size = expected(url).length;
        const code = await qrCode(url, { now: 0, width, height: 60, paint: plain }, ROWS_BELOW);
        expect(code?.fits).toBe(size <= width);
      }
    },
  );

  test('is absent where its rows do not fit at once, or nothing is a terminal', async () => {
    const size = expected(SHORT).length;
    const rows = Math.ceil(size / 2) + ROWS_BELOW;
    const view = { now: 0, width: 80, paint: plain };
    expect(await qrCode(SHORT, { ...view, height: rows - 1 }, ROWS_BELOW)).toEqual({
      fits: false,
      columns: size,
      // The cursor needs a row too.
      rows: rows + 1,
    });
    expect(await qrCode(SHORT, { ...view, height: rows }, ROWS_BELOW)).toMatchObject({ fits: true });
    expect(await qrCode(SHORT, { ...view, height: undefined }, ROWS_BELOW)).toBeUndefined();
  });
});
