import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownValues } from '../../../runtime/log/known-values.ts';

/** Marks each covered character on its own, value by value. */
function naively(text: string, values: readonly string[]): string {
  const isCovered = Array.from(text, () => false);
  for (const value of values)
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
      isCovered.fill(true, at, at + value.length);
  return Array.from(text, (character, at) => (isCovered[at] ? '*' : character)).join('');
}

test('exactly what known values cover is replaced, however they overlap', () => {
  const letters = fc.constantFrom('a', 'b');
  const value = fc.string({ unit: letters, minLength: 8, maxLength: 11 });
  const text = fc.string({ unit: letters, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), text, (values, given) => {
      const known = new KnownValues(100);
      for (const each of values) known.add(each);
      const expected = naively(given, values);
      expect(known.replaceIn(given, '').length).toBe(expected.replaceAll('*', '').length);
      expect(known.replaceIn(given, '[]').replaceAll('[]', '')).toBe(expected.replaceAll('*', ''));
    }),
  );
});

test('values side by side are replaced each, and values that overlap are replaced together', () => {
  const known = new KnownValues(100);
  for (const each of ['abcdefgh', 'efghijkl', 'stuvwxyz']) known.add(each);
  expect(known.replaceIn('-abcdefghijkl-abcdefghstuvwxyz-', '*')).toBe('-*-**-');
});

test('the value that was added first is forgotten when there are too many, and one that is added again is kept', () => {
  const known = new KnownValues(2);
  for (const each of ['aaaaaaaa', 'bbbbbbbb', 'aaaaaaaa', 'cccccccc']) known.add(each);
  expect(known.replaceIn('aaaaaaaa bbbbbbbb cccccccc', '*')).toBe('* bbbbbbbb *');
});
