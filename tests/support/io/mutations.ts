import fc from 'fast-check';

/** JSON text in the place of a value that our code would never write. */
const NONSENSE: readonly string[] = [
  '1e999',
  '-1',
  '-0',
  '0.5',
  '9007199254740993',
  '8640000000000001',
  '-8640000000000000',
  '8000000000000000',
  '1e21',
  '123456789012345678901234567890',
  'null',
  'true',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":null}',
  '{"__proto__":{"name":"idle"}}',
  '{"constructor":{"prototype":{}}}',
  '"__proto__"',
  '"constructor"',
  '"NaN"',
  '"x y\\r\\nz: 1"',
  `"${'x'.repeat(100_000)}"`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  'NaN',
  'undefined',
  "'x'",
  '01',
  '1,',
  '',
];

/** A change of a file, as by a faulty disk, a crash or an editor. */
type Mutation = (bytes: Buffer) => Buffer;

const inText =
  (change: (text: string) => string): Mutation =>
  bytes =>
    Buffer.from(change(bytes.toString('utf8')));
const at = (share: number, length: number): number => Math.floor(share * length);
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const flips = fc.array(share, { minLength: 1, maxLength: 8 }).map((places): Mutation => bytes => {
  const next = Buffer.from(bytes);
  for (const place of next.length ? places : []) {
    const bit = at(place, next.length * 8);
    next[bit >> 3] = (next[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
  return next;
});

const cuts = share.map(
  (end): Mutation =>
    bytes =>
      bytes.subarray(0, at(end, bytes.length)),
);
const holes = fc.tuple(share, fc.nat(200)).map(
  ([from, length]): Mutation =>
    bytes =>
      Buffer.from(bytes).fill(0, at(from, bytes.length), Math.min(bytes.length, at(from, bytes.length) + length)),
);
const swaps = fc.tuple(share, share, fc.integer({ min: 1, max: 64 })).map(([a, b, length]): Mutation => bytes => {
  const [first, second] = [at(a, bytes.length), at(b, bytes.length)];
  const next = Buffer.from(bytes);
  bytes.copy(next, first, second, second + length);
  bytes.copy(next, second, first, first + length);
  return next;
});
const inserted = fc.tuple(share, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(
  ([place, more]): Mutation =>
    bytes =>
      Buffer.concat([bytes.subarray(0, at(place, bytes.length)), more, bytes.subarray(at(place, bytes.length))]),
);
const doubled = fc.tuple(share, share).map(
  ([a, b]): Mutation =>
    bytes =>
      Buffer.concat([bytes.subarray(0, at(a, bytes.length)), bytes.subarray(at(b, bytes.length))]),
);

const VALUE = /(?<=[:[,]\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\{\}|\[\])(?=\s*[,}\]])/g;
const KEY = /"(?:[^"\\]|\\.)*"(?=\s*:)/g;

function nth(text: string, pattern: RegExp, place: number, change: (found: string) => string): string {
  const all = [...text.matchAll(pattern)];
  const chosen = all[at(place, all.length)];
  return chosen ? text.slice(0, chosen.index) + change(chosen[0]) + text.slice(chosen.index + chosen[0].length) : text;
}

const nonsense = fc.constantFrom(...NONSENSE);
const otherValue = fc
  .tuple(share, nonsense)
  .map(([place, value]): Mutation => inText(text => nth(text, VALUE, place, () => value)));
const otherDigits = fc
  .tuple(share, fc.nat(30))
  .map(([place, zeros]): Mutation => inText(text => nth(text, /\d+/g, place, digits => digits + '0'.repeat(zeros))));
const otherKey = fc
  .tuple(
    share,
    fc.oneof(
      fc.constantFrom('"__proto__"', '"constructor"', '""', '"sessions"', '"x"'),
      fc.string().map(key => JSON.stringify(key)),
    ),
  )
  .map(([place, key]): Mutation => inText(text => nth(text, KEY, place, () => key)));
const twice = fc
  .tuple(share, nonsense)
  .map(([place, value]): Mutation => inText(text => nth(text, KEY, place, key => `${key}:${value},${key}`)));
const moreKeys = fc
  .tuple(share, fc.constantFrom('"__proto__"', '"constructor"', '"more"'), nonsense)
  .map(([place, key, value]): Mutation => inText(text => nth(text, /\{(?=\s*")/g, place, () => `{${key}:${value},`)));

const other = fc
  .oneof(
    fc
      .constantFrom(
        '',
        ' ',
        '\n',
        '\0',
        '{',
        '[]',
        'null',
        '0',
        '"',
        '{}',
        '\uFEFF{}',
        '{"version":1}',
        '{"version":2,"sessions":{},"notices":[]}',
        '\0'.repeat(4_096),
      )
      .map(text => Buffer.from(text)),
    fc.json().map(text => Buffer.from(text)),
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  )
  .map(
    (bytes): Mutation =>
      () =>
        bytes,
  );

const one: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 3, arbitrary: flips },
  { weight: 2, arbitrary: cuts },
  holes,
  swaps,
  inserted,
  doubled,
  { weight: 4, arbitrary: otherValue },
  { weight: 2, arbitrary: otherDigits },
  otherKey,
  { weight: 2, arbitrary: twice },
  moreKeys,
  other,
);

/** The content of a damaged file, one character per byte: one of the texts after one to three changes. */
export const damaged = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.array(one, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(text)).toString('latin1'),
    );

export const bytesOf = (letters: string): Buffer => Buffer.from(letters, 'latin1');
