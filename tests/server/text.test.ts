import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from '../../server/text.ts';

const value = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.double(),
  fc.array(fc.oneof(fc.jsonValue(), fc.constant(undefined)).map(Object.freeze)),
);
const message = fc.record(
  {
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
    result: value,
    error: value,
  },
  { requiredKeys: [] },
);

test('a message is written as JSON writes it, whatever of it is frozen', () => {
  fc.assert(
    fc.property(fc.oneof(message, fc.array(message)), message => {
      expect(textOf(message)).toBe(JSON.stringify(message));
      expect(textOf(message)).toBe(JSON.stringify(message));
    }),
  );
});

test('what is frozen is written once', () => {
  let times = 0;
  const session = Object.freeze({ toJSON: () => (times += 1) });
  expect([{ result: session }, { result: [session, session] }, [{ result: session }]].map(textOf)).toEqual([
    '{"result":1}',
    '{"result":[1,1]}',
    '[{"result":1}]',
  ]);
});
