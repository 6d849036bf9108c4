import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { expiryOf } from '../../../../sdk/recipes/oauth/expiry.ts';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { realContext } from '../../../support/real-context.ts';
import { tokenFile } from '../../../support/vendors/token-file.ts';

const AT = Date.parse('2026-11-22T12:00:00Z');

describe('the expiry in a reply', () => {
  test.each<[unknown, number | undefined]>([
    [3_600, 3_600],
    ['3600', 3_600],
    [3_599.7, 3_599.7],
    ['3599.7', 3_599.7],
    ['3,600', 3_600],
    ['3600s', 3_600],
    ['3600 seconds', 3_600],
    [3_600_000, 3_600],
    ['28800000', 28_800],
    [86_400_000, 86_400],
    [864_000, 864_000],
    [5_184_000, 5_184_000],
    [31_536_000, 31_536_000],
    [0, undefined],
    [-5, undefined],
    [null, undefined],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    [1e18, undefined],
    [{}, undefined],
    [true, undefined],
  ])('expires_in %j', (value, seconds) => {
    const end = expiryOf({ expires_in: value }, new Date(AT))?.getTime();
    expect(end).toBe(seconds === undefined ? undefined : AT + seconds * 1_000);
  });

  test.each<[unknown, number | undefined]>([
    ['2026-11-22T13:00:00Z', 3_600],
    [AT / 1_000 + 3_600, 3_600],
    [AT + 3_600_000, 3_600],
    [String(AT / 1_000 + 3_600), 3_600],
    ['2026-11-22T11:00:00Z', undefined],
    [3_600, undefined],
    ['later', undefined],
  ])('expires_at %j', (value, seconds) => {
    const end = expiryOf({ expires_at: value }, new Date(AT))?.getTime();
    expect(end).toBe(seconds === undefined ? undefined : AT + seconds * 1_000);
  });

  test('a plausible lifetime takes precedence over a time', () => {
    const expires_at = '2026-11-22T14:00:00Z';
    expect(expiryOf({ expires_in: 60, expires_at }, new Date(AT))?.getTime()).toBe(AT + 60_000);
    expect(expiryOf({ expires_in: null, expires_at }, new Date(AT))?.getTime()).toBe(AT + 7_200_000);
  });
});

describe('in the file', () => {
  /** The file after these replies, in order. */
  async function written(text: string, ...replies: readonly object[]) {
    const { folder, source } = await tokenFile();
    await writeFile(source.file, text);
    for (const [index, reply] of replies.entries()) {
      const fetch = async () =>
        Response.json({ access_token: `access-${index + 1}`, refresh_token: `refresh-${index + 1}`, ...reply });
      await redeem(source, realContext(folder, { now: () => AT, force: true, fetch }));
    }
    return readFile(source.file, 'utf8');
  }

  test('an old expiry is removed if the expiry of the new token is unknown', async () => {
    expect(await written('{"access_token":"a","refresh_token":"refresh-0","expires_at":1800000000,"x":1}', {})).toBe(
      '{"access_token":"access-1","refresh_token":"refresh-1","x":1}',
    );
  });

  test('the next known expiry is written in the old form', async () => {
    expect(
      await written(
        '{"access_token":"a","refresh_token":"refresh-0","expires_at":"2026-01-01T00:00:00Z"}',
        {},
        {},
        { expires_in: 3_600 },
      ),
    ).toBe('{"access_token":"access-3","refresh_token":"refresh-3","expires_at":"2026-11-22T13:00:00.000Z"}');
    expect(
      await written(
        '{"access_token":"a","refresh_token":"refresh-0","expires_at":1800000000000}',
        {},
        { expires_at: AT / 1_000 + 3_600 },
      ),
    ).toBe(`{"access_token":"access-2","refresh_token":"refresh-2","expires_at":${AT + 3_600_000}}`);
  });

  test('a value that is no expiry is left unchanged', async () => {
    expect(await written('{"access_token":"a","refresh_token":"refresh-0","expires_at":null}', {})).toContain(
      '"expires_at":null',
    );
  });

  test('a byte order mark is kept', async () => {
    expect(
      await written('\uFEFF{"access_token":"a","refresh_token":"refresh-0","expires_at":1}', { expires_in: 3_600 }),
    ).toMatch(/^\uFEFF\{"access_token":"access-1"/);
  });
});
