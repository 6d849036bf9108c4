import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toText } from '../../server/channel.ts';

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

test('the text of a message is its JSON, frozen or not', () => {
  fc.assert(
    fc.property(fc.oneof(message, fc.array(message)), message => {
      expect(toText(message)).toBe(JSON.stringify(message));
      expect(toText(message)).toBe(JSON.stringify(message));
    }),
  );
});

test('frozen parts are written once', () => {
  let times = 0;
  const session = Object.freeze({ toJSON: () => (times += 1) });
  expect([{ result: session }, { result: [session, session] }, [{ result: session }]].map(toText)).toEqual([
    '{"result":1}',
    '{"result":[1,1]}',
    '[{"result":1}]',
  ]);
});
