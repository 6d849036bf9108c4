import { expect, test } from 'vitest';
import { whyHeldBack } from '../../../../sdk/recipes/cli/held-back.ts';
import { fakeContext } from '../../../../sdk/testing/index.ts';
import { releaseRow as row } from '../../../support/vendors/release-row.ts';

const ROWS = [row('1.0.0', 'proven'), row('1.1.0', 'held-back')];
const ASKED = { vendor: 'tool', kind: 'ask', program: '/bin/tool' };

const printing = (stdout: string) => fakeContext({ exec: () => ({ stdout }) });

test.each([
  ['tool 1.1.0 (abc)', true],
  ['1.2.0', true],
  ['tool v1.0.0', false],
  ['nothing', true],
])('a program that prints %j is held back: %s', async (stdout, isHeld) => {
  const why = await whyHeldBack(ASKED, printing(stdout), ROWS);
  expect(why !== undefined).toBe(isHeld);
});

test('what the user sees names the release', async () => {
  expect(await whyHeldBack(ASKED, printing('1.1.0'), ROWS)).toMatch(/^tool 1\.1\.0 did not pass .* only watched/);
});

test('a program of which no release is held back is not asked for its version', async () => {
  const context = printing('1.1.0');
  expect(await whyHeldBack(ASKED, context, [row('1.0.0', 'proven')])).toBeUndefined();
  expect(context.calls.exec).toEqual([]);
});
