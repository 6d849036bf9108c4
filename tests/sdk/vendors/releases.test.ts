import { expect, test } from 'vitest';
import table from '../../../sdk/vendors/releases.json' with { type: 'json' };
import {
  believe,
  compareReleases,
  isEverHeldBack,
  isEverProven,
  isRelease,
  type Release,
} from '../../../sdk/vendors/releases.ts';
import { releaseRow as row } from '../../support/vendors/release-row.ts';

const PROVEN = [
  row('2.1.9', 'proven', { lockStaleMs: 10_000 }),
  row('2.1.30', 'proven', { lockStaleMs: 60_000 }),
  row('2.1.31', 'unknown'),
  row('2.1.99', 'proven', { kind: 'other' }),
];
const FALLEN = [...PROVEN, row('2.2.0', 'held-back', { reason: 'it lost a login' })];
const RISEN = [...FALLEN, row('2.3.0', 'proven')];

test.each<[string, string, readonly Release[], object]>([
  ['a proven release is proven', '2.1.9', PROVEN, { verdict: 'proven', lockStaleMs: 10_000 }],
  ['one between two is proven, with the longer time', '2.1.10', PROVEN, { verdict: 'proven', lockStaleMs: 60_000 }],
  ['one before all is unknown', '2.1.8', PROVEN, { verdict: 'unknown' }],
  ['a newer one is unknown', '2.1.31', PROVEN, { verdict: 'unknown', lockStaleMs: 60_000 }],
  ['one without a version is unknown', 'of unknown version', PROVEN, { verdict: 'unknown' }],
  ['one that is held back is so for its reason', '2.2.0', FALLEN, { verdict: 'held-back', reason: 'it lost a login' }],
  ['one before it is unknown', '2.1.50', FALLEN, { verdict: 'unknown' }],
  [
    'a newer one is held back like it',
    '2.2.1',
    FALLEN,
    { verdict: 'held-back', reason: expect.stringContaining('2.2.0, it lost a login') },
  ],
  ['until a later one is proven', '2.2.1', RISEN, { verdict: 'unknown' }],
  ['and that one is', '2.3.0', RISEN, { verdict: 'proven' }],
])('%s', (_name, release, all, expected) => {
  expect(believe('tool', 'ask', release, all)).toMatchObject(expected);
});

test('only rows of the same program that is asked in the same way count', () => {
  expect(believe('tool', 'other', '2.1.30', PROVEN).verdict).toBe('unknown');
  expect(believe('other', 'ask', '2.1.9', PROVEN).verdict).toBe('unknown');
  expect([isEverProven('tool', 'ask', PROVEN), isEverProven('tool', 'none', PROVEN)]).toEqual([true, false]);
  expect([isEverHeldBack('tool', 'ask', PROVEN), isEverHeldBack('tool', 'ask', FALLEN)]).toEqual([false, true]);
});

test('releases are compared as people do', () => {
  expect(['1.10.0', '1.9.1', '1.9.0'].toSorted(compareReleases)).toEqual(['1.9.0', '1.9.1', '1.10.0']);
});

test('every row of the table can be used', () => {
  expect(table.filter(row => !isRelease(row))).toEqual([]);
});

test.each<unknown>([
  null,
  'row',
  {},
  { ...row('1', 'proven'), verdict: 'good' },
  { ...row('1', 'proven'), release: 1 },
  { ...row('1', 'proven'), faults: '40' },
  { ...row('1', 'proven'), lockStaleMs: '10' },
])('%j is no row', value => {
  expect(isRelease(value)).toBe(false);
});
