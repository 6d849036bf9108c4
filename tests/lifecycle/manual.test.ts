import { expect, test } from 'vitest';
import { earliestManual } from '../../lifecycle/timing.ts';
import { DEFAULT_POLICY, type PartialPolicy } from '../../sdk/contract/policy.ts';
import type { SessionRecord } from '../../sdk/contract/session.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const DAY = 86_400_000;

const earliest = (changes: PartialPolicy, facts: Partial<SessionRecord>, force: boolean) => {
  const record: SessionRecord = { displayName: 'Acme', state: { name: 'alive', wakeAt: NOW, wakeWhy: '' }, ...facts };
  return earliestManual(record, force, { policy: Object.assign({ ...DEFAULT_POLICY }, changes), now: NOW }) - NOW;
};

test.each<[string, PartialPolicy, Partial<SessionRecord>, number]>([
  ['ten seconds after the last attempt', {}, { lastAttemptAt: NOW }, 10_000],
  ['sooner if the minimum interval is shorter', { minInterval: '1s' }, { lastAttemptAt: NOW }, 1_000],
  ['ten seconds from now if the clock was set back', {}, { lastAttemptAt: NOW + DAY }, 10_000],
  ['not before the vendor allows it', {}, { lastAttemptAt: NOW, vendorWaitUntil: NOW + 3_600_000 }, 3_600_000],
  [
    'within a day if the clock was wrong at the vendor’s answer',
    {},
    { lastAttemptAt: NOW, vendorWaitUntil: NOW + 400 * DAY },
    DAY,
  ],
])('the user may request an attempt %s', (_name, changes, facts, after) => {
  expect(earliest(changes, facts, true)).toBe(after);
  expect(earliest(changes, facts, false)).toBe(after);
});

test('an attempt that sent nothing delays only normal requests; the vendor’s wait delays both', () => {
  const facts = { lastAttemptAt: NOW, askedNobody: true } as const;
  expect(earliest({}, facts, true)).toBeLessThanOrEqual(0);
  expect(earliest({}, facts, false)).toBe(10_000);
  expect(earliest({}, { ...facts, vendorWaitUntil: NOW + 60_000 }, true)).toBe(60_000);
});
