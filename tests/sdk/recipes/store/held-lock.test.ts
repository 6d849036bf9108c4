import { expect, test } from 'vitest';
import { fakeFiles } from '../../../../sdk/testing/files.ts';
import { staleAt } from '../../../../sdk/recipes/store/held-lock.ts';

const NOW = 1_800_000_000_000;

const held = (modifiedAt: number | undefined) => ({
  now: () => NOW,
  files: {
    ...fakeFiles(),
    stat: async (path: string) =>
      modifiedAt === undefined ? undefined : { path, modifiedAt, mode: 0o700, writable: true },
  },
});

test.each<[string, number | undefined, number]>([
  ['it was touched four seconds ago: in six more', NOW - 4_000, NOW + 6_001],
  ['it was touched within this millisecond: in ten seconds', NOW - 0.5, NOW + 10_001],
  ['it is old already: at once', NOW - 60_000, NOW - 49_999],
  ['it is from the future: its age counts from now', NOW + 86_400_000, NOW + 10_001],
  ['it is gone: at once', undefined, NOW],
])('a held lock is looked at again when it can be stale: %s', async (_title, modifiedAt, expected) => {
  expect(await staleAt(held(modifiedAt), '/a.lock')).toEqual(new Date(expected));
});

test('an unreadable lock is checked again at once', async () => {
  const files = { ...fakeFiles(), stat: () => Promise.reject(new Error('EACCES')) };
  expect(await staleAt({ now: () => NOW, files }, '/a.lock')).toEqual(new Date(NOW));
});
