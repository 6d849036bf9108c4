import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownValues } from '../../../runtime/log/known-values.ts';

const knownOf = (values: readonly string[], maxCount = 10_000): KnownValues => {
  const known = new KnownValues(maxCount);
  for (const each of values) known.add(each);
  return known;
};

/** What is left of a text without the characters that values cover, each looked for on its own. */
function rest(text: string, values: readonly string[]): string {
  const isCovered = Array.from({ length: text.length }, () => false);
  for (const value of values)
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
      isCovered.fill(true, at, at + value.length);
  return [...text].filter((_, at) => !isCovered[at]).join('');
}

test('exactly what values cover is replaced, however they overlap', () => {
  const value = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 20 });
  const values = fc.uniqueArray(value, { maxLength: 6 });
  const text = (known: readonly string[]) =>
    fc
      .array(fc.oneof(fc.constantFrom('a', 'b', ' '), ...(known.length > 0 ? [fc.constantFrom(...known)] : [])), {
        maxLength: 20,
      })
      .map(parts => parts.join(''));
  const given = values.chain(known => fc.tuple(fc.constant(known), text(known)));
  fc.assert(
    fc.property(given, ([known, joined]) => {
      expect(knownOf(known).replaceIn(joined, '*').replaceAll('*', '')).toBe(rest(joined, known));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['at the start, with an end that repeats', ['abcdefgh1abcdefgh'], 'abcdefgh1abcdefgh.', '*.'],
  ['of one character', ['bbbbbbbbb'], 'bbbbbbbbb', '*'],
  ['side by side', ['abcdefgh', 'stuvwxyz'], '-abcdefghstuvwxyz-', '-**-'],
  ['that overlaps another', ['abcdefgh', 'efghijkl'], '-abcdefghijkl-', '-*-'],
  ['across the border of two others', ['aaabaaaaab', 'bbaaaabbaa', 'aaabbbaa'], 'aaabaaaaabbbaaaabbaa', '*'],
  ['within another', ['abcdefgh', '-abcdefgh-'], '+-abcdefgh-+abcdefgh+', '+*+*+'],
  ['with characters of two units', ['clé-🔑🔑🔑'], 'clé-🔑🔑🔑', '*'],
  ['in an empty text', ['abcdefgh'], '', ''],
  ['too short', ['abcdefg'], 'abcdefg', 'abcdefg'],
])('a value %s', (_where, values, text, expected) => {
  expect(knownOf(values).replaceIn(text, '*')).toBe(expected);
});

// If each place were compared with each value, these would take minutes and time out.
test.each([
  ['one long value', ['a'.repeat(100_000)], 'a'.repeat(1e6)],
  ['values of every length', Array.from({ length: 4_000 }, (_, index) => 'a'.repeat(8 + index)), 'a'.repeat(1e5)],
  ['values that end alike', Array.from({ length: 4_000 }, (_, index) => `${index}-ENDENDEN`), 'ENDENDEN'.repeat(1e5)],
])('a long text that repeats the end of %s is fast', (_what, values, text) => {
  expect(knownOf(values).replaceIn(`${text} ${values[0]}`, '*')).toMatch(/\*$/);
});

test('the value that was added first is forgotten when there are too many, and one that is added again is kept', () => {
  const known = knownOf(['aaaaaaaa', 'bbbbbbbb', 'aaaaaaaa', 'cccccccc'], 2);
  expect(known.replaceIn('aaaaaaaa bbbbbbbb cccccccc', '*')).toBe('* bbbbbbbb *');
});
