import { assert, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { dueAt } from '../../../../sdk/recipes/store/lifetime.ts';
import type { LastOutcome } from '../../../../sdk/plugin/provider.ts';

const at = (ms: number) => new Date(ms);
const seen = (status: 'refreshed' | 'fresh', ms: number, expiresAt: number, expirySeenAt: number): LastOutcome => ({
  status,
  at: ms,
  expiresAt: at(expiresAt),
  expirySeenAt,
});

test.each([
  ['of unknown life: that long before the expiry', { expiresAt: at(1_000) }, 700],
  ['of long life: the same', { expiresAt: at(1_000), issuedAt: at(0) }, 700],
  ['of short life: not in its first half', { expiresAt: at(1_000), issuedAt: at(600) }, 800],
  ['we renewed it: its lifetime starts then', { expiresAt: at(1_000), last: seen('refreshed', 600, 1_000, 600) }, 800],
  [
    'we renewed it, and have checked it since: the same',
    { expiresAt: at(1_000), last: seen('fresh', 750, 1_000, 600) },
    800,
  ],
  [
    'another program renewed it since: its lifetime is unknown',
    { expiresAt: at(1_000), last: seen('refreshed', 600, 999, 600) },
    700,
  ],
  ['issued after its end: at its end', { expiresAt: at(1_000), issuedAt: at(2_000) }, 1_000],
  ['without an expiry', {}, undefined],
])('%s', (_, life, expected) => expect(dueAt(life, 300)).toBe(expected));

test('no credential of known life is due in the first half of it, and none after its end', () => {
  assert(
    property(nat(1e12), nat(1e9), nat(1e9), (issued, life, refreshBefore) => {
      const due = dueAt({ issuedAt: at(issued), expiresAt: at(issued + life) }, refreshBefore) ?? Number.NaN;
      expect(due).toBeGreaterThanOrEqual(issued + life / 2);
      expect(due).toBeLessThanOrEqual(issued + life);
    }),
  );
});
