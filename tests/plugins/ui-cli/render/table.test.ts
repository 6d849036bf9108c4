import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTable } from '../../../../plugins/ui-cli/render/table.ts';
import { plain } from '../../../../plugins/ui-cli/render/view.ts';
import { displayWidth } from '../../../../plugins/ui-cli/render/width.ts';

const COLUMNS = [
  { title: 'NAME', rank: 0, min: 6 },
  { title: 'SIZE', rank: 1 },
  { title: 'WORDS', rank: 2, min: 5 },
];
const render = (width: number, ...rows: string[][]) =>
  renderTable(
    COLUMNS,
    rows.map(row => row.map(text => ({ text }))),
    { now: 0, width, paint: plain },
  ).split('\n');

test.each([
  [Infinity, ['NAME         SIZE  WORDS', 'a-long-name  12    some more words']],
  [28, ['NAME         SIZE  WORDS', 'a-long-name  12    some mor…']],
  [22, ['NAME       SIZE  WORDS', 'a-long-n…  12    some…']],
  [14, ['NAME      SIZE', 'a-long-…  12']],
  [6, ['NAME', 'a-lon…']],
  [3, ['NA…', 'a-…']],
])('in %d columns it shortens first, and then leaves out the least important', (width, lines) => {
  expect(render(width, ['a-long-name', '12', 'some more words'])).toEqual(lines);
});

test('an empty column is not shown', () => {
  expect(render(80, ['a', '', 'b'])).toEqual(['NAME  WORDS', 'a     b']);
});

test('a line is never too wide', () => {
  const row = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(row, { minLength: 1 }), (width, rows) => {
      expect(render(width, ...rows).every(line => displayWidth(line) <= width)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
