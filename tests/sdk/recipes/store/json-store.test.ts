import { expect, test } from 'vitest';
import {
  fingerprintOf,
  formatLike,
  parseObject,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  withoutValue,
  withValue,
  writeInstant,
} from '../../../../sdk/recipes/store/json-store.ts';

/** A file with different content at each read, and the waits between. */
function changing(...texts: (string | undefined)[]) {
  const waits: number[] = [];
  return { waits, files: { read: async () => texts.shift() }, wait: async (ms: number) => waits.push(ms) };
}

test('a file that is being written is read again until it is whole', async () => {
  const { files, wait, waits } = changing('', '{"a":', '{"a":1}');
  expect(await readJsonFile(files, 'f', wait)).toEqual({ text: '{"a":1}', json: { a: 1 } });
  expect(waits).toEqual([50, 50]);
});

test('one that stays torn is unreadable after five more reads in 250 ms', async () => {
  const { files, wait, waits } = changing(...Array<string>(9).fill('{"a"'));
  await expect(readJsonFile(files, 'f', wait)).rejects.toMatchObject({
    code: 'KA_STORE_UNREADABLE',
    details: { path: 'f' },
  });
  expect(waits).toEqual([50, 50, 50, 50, 50]);
});

test('a missing file is not waited for', async () => {
  const { files, wait, waits } = changing(undefined);
  expect(await readJsonFile(files, 'f', wait)).toBeUndefined();
  expect(waits).toEqual([]);
});

test('values are found at dotted paths, but not inherited ones', () => {
  const json = { a: { b: 'x', empty: '' }, n: null };
  expect([valueAt(json, 'a.b'), valueAt(json, 'a.c'), valueAt(json, 'n.b'), valueAt(json, 'a.constructor')]).toEqual([
    'x',
    undefined,
    undefined,
    undefined,
  ]);
  expect([textAt(json, 'a.b'), textAt(json, 'a.empty'), textAt(json, 'a')]).toEqual(['x', undefined, undefined]);
});

test('a value is replaced without changing anything else', () => {
  const json = { z: 1, a: { b: 'x', c: [2] } };
  expect(JSON.stringify(withValue(json, 'a.b', 'y'))).toBe('{"z":1,"a":{"b":"y","c":[2]}}');
  expect(withValue({}, 'a.b', 'y')).toEqual({ a: { b: 'y' } });
  expect(json.a.b).toBe('x');
});

test('a value is removed without changing anything else', () => {
  const json = { z: 1, a: { b: 'x', c: [2] } };
  expect(JSON.stringify(withoutValue(json, 'a.b'))).toBe('{"z":1,"a":{"c":[2]}}');
  expect([withoutValue(json, 'z'), withoutValue(json, 'z.y'), withoutValue(json, 'none')]).toEqual([
    { a: json.a },
    { a: json.a },
    json,
  ]);
});

test('text that is no JSON is rejected quickly', () => {
  const text = `{"a":"${'\\"'.repeat(200_000)}`;
  expect(parseObject(text)).toBeUndefined();
});

test.each(['\uFEFF{"a":1}', '\uFEFF{\n  "a": 1\n}\r\n'])('a byte order mark is skipped and kept: %j', text => {
  expect(parseObject(text)).toEqual({ a: 1 });
  expect(formatLike(text, { a: 1 })).toBe(text);
});

test.each(['{"a":1}', '{\n  "a": 1\n}\n', '{\n\t"a": 1\n}'])('the text keeps its format: %j', text => {
  expect(formatLike(text, { a: 1 })).toBe(text);
});

test('numbers that are too large are unchanged', () => {
  const text =
    '{"id":12345678901234567890,"neg":-9007199254740993,"text":"12345678901234567890 \\" 12345678901234567890",' +
    '"float":0.1234567890123456,"ok":9007199254740991}';
  const json = parseObject(text) ?? {};
  expect(formatLike(text, json)).toBe(text);
  expect(json).toMatchObject({ ok: 9_007_199_254_740_991, text: '12345678901234567890 " 12345678901234567890' });
});

test.each([
  [1_800_000_000, 1.8e12],
  [1_800_000_000_123, 1_800_000_000_123],
  ['1800000000', 1.8e12],
  ['2027-01-15T08:00:00Z', 1.8e12],
  ['2027-01-15T08:00:00.000+00:00', 1.8e12],
  [0, 0],
  [1_700_000_000_000_000, 1_700_000_000_000],
  ['1700000000000000', 1_700_000_000_000],
])('%j is read as a time', (value, ms) => expect(readInstant(value)?.getTime()).toBe(ms));

test.each([undefined, null, '', 'soon', Number.NaN, Infinity, 1e300, {}, true, "12 o'clock"])(
  '%j is no time',
  value => {
    expect(readInstant(value)).toBeUndefined();
  },
);

test.each([
  [1_700_000_000, 1_800_000_000],
  [1_700_000_000_000, 1_800_000_000_000],
  ['1700000000', '1800000000'],
  ['2026-01-01T00:00:00Z', '2027-01-15T08:00:00.000Z'],
  [undefined, 1_800_000_000],
  [null, 1_800_000_000],
  [1_700_000_000_000_000, 1_800_000_000_000_000],
])('a time is written like the one before: %j', (before, expected) =>
  expect(writeInstant(new Date(1.8e12), before)).toBe(expected),
);

test('a fingerprint changes with each part of the credential and reveals none', () => {
  expect(fingerprintOf('a', 'b')).toMatch(/^[0-9a-f]{16}$/);
  expect(
    new Set([fingerprintOf('a', 'b'), fingerprintOf('a', 'c'), fingerprintOf('b', 'a'), fingerprintOf('ab')]).size,
  ).toBe(4);
});
