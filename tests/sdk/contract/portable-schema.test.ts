import { expect, test } from 'vitest';
import { openRpcDocument } from '../../../sdk/contract/open-rpc.ts';
import { portable, titleFor } from '../../../sdk/contract/portable-schema.ts';

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const text = { type: 'string' };

test.each([
  ['a choice instead of a list of types', { type: ['string', 'null'] }, { anyOf: [text, { type: 'null' }] }],
  ['no title for a text', text, text],
  ['the given title for an object', object({ a: text }), object({ a: text }, { title: 'Whole' })],
  ['its own title first', object({}, { title: 'Own' }), object({}, { title: 'Own' })],
  [
    'a title for a part',
    object({ quiet: object({ at: text }) }),
    object({ quiet: object({ at: text }, { title: 'WholeQuiet' }) }, { title: 'Whole' }),
  ],
  [
    'a title for each case',
    { oneOf: [object({ mode: { type: 'string', const: 'before-expiry' } })] },
    { oneOf: [object({ mode: { type: 'string', const: 'before-expiry' } }, { title: 'WholeBeforeExpiry' })] },
  ],
  [
    'a title for the items of a list',
    { type: 'array', items: object({}) },
    { type: 'array', items: object({}, { title: 'Whole' }) },
  ],
  [
    'members that are named like keywords',
    object({ type: text, oneOf: text }),
    object({ type: text, oneOf: text }, { title: 'Whole' }),
  ],
])('generators of code get %s', (_what, schema, expected) => {
  expect(portable(schema, 'Whole')).toEqual(expected);
});

test('a title has the words of a name', () => {
  expect(['session/get', 'before-expiry', 'rpc.discover', 'nextAttempt'].map(titleFor)).toEqual([
    'SessionGet',
    'BeforeExpiry',
    'RpcDiscover',
    'NextAttempt',
  ]);
});

test('in the document of the API every object has a title, no two differ under one, and no type is a list', () => {
  const shapes = new Map<string, Set<string>>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { title, type, properties } = Object(value) as Readonly<Record<string, unknown>>;
    expect(Array.isArray(type) && typeof type[0] === 'string').toBe(false);
    if (type === 'object' && properties !== undefined) {
      expect(title).toEqual(expect.any(String));
      shapes.set(String(title), (shapes.get(String(title)) ?? new Set()).add(JSON.stringify(value)));
    }
    Object.values(value).forEach(visit);
  };
  visit(openRpcDocument('0'));
  expect(shapes.size).toBeGreaterThan(40);
  expect([...shapes].filter(([, { size }]) => size > 1).map(([title]) => title)).toEqual([]);
});
