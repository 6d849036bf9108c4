import { describe, expect, test } from 'vitest';
import type { Figure, Goal, Unit } from '../../bench/benchmark.ts';
import { compared, describeGoal, inUnit, isReached, ratioTo } from '../../bench/report/ratio.ts';

const figure = (given: Partial<Figure>): Figure => ({ id: 'a', what: 'a', value: 30, unit: 'ms', ...given });

describe('a goal', () => {
  test.each<[Goal, boolean]>([
    [{ atMost: 30 }, true],
    [{ atMost: 29 }, false],
    [{ atLeast: 30 }, true],
    [{ atLeast: 31 }, false],
    [{ atMost: 1.5, of: 'peer' }, true],
    [{ atMost: 1.4, of: 'peer' }, false],
    [{ atLeast: 1.5, of: 'peer' }, true],
    [{ atLeast: 1.6, of: 'peer' }, false],
    [{ atMost: 100, of: 'missing' }, false],
    [{ atLeast: 0, of: 'missing' }, false],
  ])('%j is reached by 30 ms beside 20 ms: %s', (goal, isGood) => {
    expect(isReached(figure({ beside: { peer: 20 }, goal }))).toBe(isGood);
  });

  test('that is not set is neither reached nor missed', () => {
    expect(isReached(figure({}))).toBeUndefined();
  });

  test.each<[Goal, Unit, string]>([
    [{ atMost: 5 }, 'ms', '≤ 5 ms'],
    [{ atLeast: 3_000 }, '/s', '≥ 3,000 /s'],
    [{ atMost: 0 }, '', '≤ 0'],
    [{ atMost: 1.5, of: 'setTimeout' }, 'ms', '≤ 1.5 × setTimeout'],
  ])('%j is described as %s%s', (goal, unit, text) => {
    expect(describeGoal(goal, unit)).toBe(text);
  });
});

test('what is compared is the value, or its ratio to the peer of the goal', () => {
  const beside = { peer: 20, other: 60 };
  expect(compared(figure({ beside }))).toBe(30);
  expect(compared(figure({ beside, goal: { atMost: 2 } }))).toBe(30);
  expect(compared(figure({ beside, goal: { atMost: 2, of: 'other' } }))).toBe(0.5);
  expect(ratioTo(figure({ beside }), 'peer')).toBe(1.5);
});

test.each<[number, Unit, string]>([
  [0, 'B', '0 B'],
  [0.001_234, 'ms', '0.00123 ms'],
  [9.876, '×', '9.88 ×'],
  [123.4, 'MiB', '123 MiB'],
  [12_345, '/s', '12,300 /s'],
  [1.234e21, 'B', '1,230,000,000,000,000,000,000 B'],
  [6, '', '6'],
  [-2.5, '%', '-2.5 %'],
  [NaN, 'ms', 'unknown ms'],
])('%d %s is written as %s', (value, unit, text) => {
  expect(inUnit(value, unit)).toBe(text);
});
