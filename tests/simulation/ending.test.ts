import { expect, test } from 'vitest';
import { endingOf } from '../../simulation/scene/ending.ts';

const calm = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `day ${index}, Mon 08:00:00.000 laptop attempted acme: refreshed`);

test('a short story is shown as it is', () => {
  expect(endingOf({ story: calm(3) })).toBe(calm(3).join('\n'));
});

test('calm days are left out before the last lines, and what happened on other days is not', () => {
  const sleeps = 'day 1, Mon 09:00:00.000 laptop sleeps for 3 hours';
  const lines = endingOf({ story: [...calm(20), sleeps, ...calm(40)] }).split('\n');
  expect(lines.slice(0, 2)).toEqual([sleeps, '…']);
  expect(lines.slice(2)).toEqual(calm(40).slice(-15));
});

test('of a long story only the end is shown', () => {
  const story = Array.from({ length: 500 }, (_, index) => `day 1, Mon 09:00:00.000 laptop kills the daemon ${index}`);
  const lines = endingOf({ story }).split('\n');
  expect(lines).toEqual([...story.slice(-60, -15), '…', ...story.slice(-15)]);
});
