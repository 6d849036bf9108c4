import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../plugins/warmup/options.ts';
import { planned } from '../../../plugins/warmup/view.ts';

const HOUR = 3_600_000;
const SIX = Date.UTC(2026, 0, 5, 6, 0);
const times = [0, 2, 4, 6, 8].map(hours => SIX + hours * HOUR);

const SETTINGS: Settings = {
  id: 'morning',
  session: 'claude',
  at: [],
  everyMs: 2 * HOUR,
  days: undefined,
  timezone: 'UTC',
  skip: [],
  lateMs: 0,
  perDay: 9,
  model: undefined,
};

const skipped = (known: Partial<Parameters<typeof planned>[1]>) =>
  planned(times, {
    settings: SETTINGS,
    own: {},
    account: {},
    lostAt: undefined,
    ...known,
  }).map(({ skipped: why }) => why !== undefined);

describe('the next times', () => {
  test('are not said to be skipped if a prompt may be sent at the first', () =>
    expect(skipped({})).toEqual([false, false, false, false, false]));

  test('are all said to be skipped until the window that runs has ended', () =>
    expect(skipped({ account: { windows: [{ kind: 'short', startsAt: SIX, resetsAt: SIX + 5 * HOUR }] } })).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]));

  test('are all said to be skipped while it is paused', () =>
    expect(skipped({ own: { paused: { at: SIX, why: 'No effect.' } } })).toEqual([true, true, true, true, true]));
});
