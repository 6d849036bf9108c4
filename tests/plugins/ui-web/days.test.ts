import { describe, expect, test } from 'vitest';
import { describeDays, layDays } from '../../../plugins/ui-web/page/format/days.ts';
import type { SessionDay } from '../../../sdk/contract/rpc.ts';
import { DAY, HOUR, NOW } from '../ui-cli/fake-kernel.ts';

const day = (name: string, more: Partial<SessionDay> = {}): SessionDay => ({
  id: 'a',
  day: name,
  renewed: 0,
  checked: 0,
  failed: 0,
  lapsedMs: 0,
  ...more,
});
const TODAY = day('2026-03-10', { renewed: 3, checked: 44 });

describe('the marks of 30 days', () => {
  test('end with today', () => {
    const cells = layDays([TODAY], NOW);
    expect([cells.length, cells[0]?.day, cells.at(-1)?.day]).toEqual([30, '2026-02-09', '2026-03-10']);
  });

  test.each<[string, Partial<SessionDay>, string, string]>([
    ['checks alone', { checked: 1 }, 'checked', '1 check'],
    ['a renewal among checks', { renewed: 1, checked: 44 }, 'renewed', '1 renewal, 44 checks'],
    ['a failure among renewals', { renewed: 2, failed: 1 }, 'failed', '2 renewals, 1 failed'],
    [
      'a lapse above all',
      { renewed: 2, failed: 1, lapsedMs: 2 * HOUR },
      'lapsed',
      '2 renewals, 1 failed, expired for 2 h',
    ],
    ['nothing', {}, 'none', 'no attempts'],
  ])('%s', (_what, counts, kind, text) => {
    expect(layDays([day('2026-03-10', counts)], NOW).at(-1)).toEqual({
      day: '2026-03-10',
      kind,
      title: `10 Mar: ${text}`,
    });
  });

  test('days before the first known one are not recorded, later ones without a check are empty', () => {
    expect(
      layDays([day('2026-03-08', { checked: 1 }), TODAY], NOW)
        .slice(-4)
        .map(({ kind }) => kind),
    ).toEqual(['before', 'checked', 'none', 'renewed']);
  });

  test('every day of a month with a change of the clocks is there once', () => {
    const names = layDays([], NOW + 25 * DAY).map(cell => cell.day);
    expect(new Set(names).size).toBe(30);
  });
});

test.each<[string, readonly SessionDay[]]>([
  ['No history yet', []],
  ['3 renewals, 0 lapses today', [TODAY]],
  ['4 renewals, 0 lapses since yesterday', [day('2026-03-09', { renewed: 1 }), TODAY]],
  ['4 renewals, 1 lapse since 1 Mar', [day('2026-03-01', { renewed: 1, lapsedMs: 5 }), TODAY]],
  [
    '1 renewal, 2 lapses in 30 days',
    [day('2026-02-09', { lapsedMs: 1 }), day('2026-03-02', { renewed: 1, lapsedMs: 1 })],
  ],
])('%s', (sentence, days) => {
  expect(describeDays(days, NOW)).toBe(sentence);
});
