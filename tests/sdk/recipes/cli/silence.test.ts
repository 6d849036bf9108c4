import { expect, test } from 'vitest';
import { isDoubtful, noteSilence, recallSilence, type Silence } from '../../../../sdk/recipes/cli/silence.ts';
import { fakeFiles } from '../../../../sdk/testing/files.ts';

const HOUR = 3_600_000;
const OF = { store: '/acme.json', fingerprint: 'a' };

/** The note after tries at these hours. */
async function noted(
  hours: readonly number[],
  of: Parameters<typeof noteSilence>[1] = OF,
  files = fakeFiles(),
): Promise<Silence | undefined> {
  let silence: Silence | undefined;
  for (const hour of hours) silence = await noteSilence(files, of, hour * HOUR);
  return silence;
}

test.each<[string, number[], number, boolean]>([
  ['five tries over two days', [0, 12, 24, 36, 48], 48, true],
  ['many tries within a day', Array.from({ length: 48 }, (_, half) => half / 2), 24, false],
  ['four tries over two days', [0, 20, 40, 50], 50, false],
  ['five tries, four of which were in one hour', [0, 0.2, 0.4, 0.6, 50], 50, false],
  ['five tries over two days, a week ago', [0, 12, 24, 36, 48], 48 + 7 * 24, false],
])('%s', async (_name, hours, now, doubtful) => {
  const silence = await noted(hours);
  expect(silence && isDoubtful(silence, now * HOUR)).toBe(doubtful);
});

test.each<[string, Parameters<typeof noteSilence>[1]]>([
  ['another credential', { ...OF, fingerprint: 'b' }],
  ['another release', { ...OF, by: 'acme 2' }],
  ['another store', { ...OF, store: '/other.json' }],
])('%s starts a new count', async (_name, of) => {
  const files = fakeFiles();
  await noted([0, 12, 24], { ...OF, by: 'acme 1' }, files);
  expect(await noted([36], of, files)).toMatchObject({ since: 36 * HOUR, tries: 1 });
});

test('a clock that was set back and a damaged note restart the count', async () => {
  const files = fakeFiles();
  await noted([40, 52], OF, files);
  expect(await noted([1], OF, files)).toMatchObject({ since: HOUR, tries: 1 });
  await files.journal.write('unchanged: /acme.json', '{"tries":');
  expect(await recallSilence(files, OF)).toBeUndefined();
  expect(await noted([2], OF, files)).toMatchObject({ since: 2 * HOUR, tries: 1 });
});
