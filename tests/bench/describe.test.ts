import { expect, test } from 'vitest';
import type { Figure } from '../../bench/benchmark.ts';
import { describeChange, describeFigures } from '../../bench/report/describe.ts';

const lateness: Figure = {
  id: 'alarms/lateness',
  what: 'lateness, p99',
  value: 30,
  unit: 'ms',
  beside: { setTimeout: 20, croner: 45 },
  goal: { atMost: 1.4, of: 'setTimeout' },
  note: 'all are due at once',
};

test('a figure is described beside its peers, with its goal and the change of what the goal is about', () => {
  expect(describeFigures([lateness], [{ ...lateness, value: 24 }])).toBe(
    '  ✗ lateness, p99: 30 ms beside setTimeout 20, croner 45 = 1.5 × setTimeout ' +
      '(goal ≤ 1.4 × setTimeout; +25 % since 1.2; all are due at once)',
  );
});

test('a figure says whether its goal is reached, or that it has none', () => {
  const figures: readonly Figure[] = [
    { id: 'a', what: 'reached', value: 1, unit: 'B', goal: { atMost: 1 } },
    { id: 'b', what: 'missed', value: 2, unit: 'B', goal: { atMost: 1 } },
    { id: 'c', what: 'without a goal', value: 3, unit: '' },
  ];
  expect(describeFigures(figures).split('\n')).toEqual([
    '  ✓ reached: 1 B (goal ≤ 1 B)',
    '  ✗ missed: 2 B (goal ≤ 1 B)',
    '  · without a goal: 3',
  ]);
});

test('a figure is compared with the former one of its id', () => {
  const former: Figure = { id: 'other', what: 'lateness, p99', value: 1, unit: 'ms' };
  expect(describeFigures([lateness], [former])).not.toContain('since');
});

test.each([
  [100, 100, 'as before'],
  [100, 100.4, 'as before'],
  [100, 150, '+50 % since 100'],
  [100, 60, '-40 % since 100'],
  [0, 5, 'before 0'],
  [NaN, 5, 'before unknown'],
])('the change from %d to %d is described as "%s"', (before, now, text) => {
  expect(describeChange(before, now)).toBe(text);
});
