import fc from 'fast-check';
import { METHODS } from '../../../sdk/contract/rpc-schema.ts';

/** Methods that a random call may use: they neither end the daemon nor make attempts. */
const method = fc.constantFrom(
  ...Object.keys(METHODS).filter(name => !['kernel/stop', 'kernel/reload', 'session/refresh'].includes(name)),
);
const id = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(undefined), fc.json());
const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 5, arbitrary: fc.constant('2.0') }, fc.jsonValue()),
    id,
    method: fc.oneof({ weight: 5, arbitrary: method }, fc.string(), fc.jsonValue()),
    params: fc.oneof(
      fc.record(
        { id: fc.oneof(fc.constant('mine'), fc.string()), policy: fc.jsonValue(), limit: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.jsonValue({ maxDepth: 6 }),
    ),
  },
  { requiredKeys: [] },
);

/** What a client may send: messages, batches, other JSON, other text, and damaged messages. */
export const frames: fc.Arbitrary<string> = fc.oneof(
  message.map(value => JSON.stringify(value)),
  fc.array(message, { maxLength: 8 }).map(value => JSON.stringify(value)),
  fc.json({ maxDepth: 8 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  // A valid message with a part removed or replaced.
  fc.tuple(message, fc.nat(), fc.nat(20), fc.string()).map(([value, at, length, between]) => {
    const whole = JSON.stringify(value);
    const from = at % (whole.length + 1);
    return whole.slice(0, from) + between + whole.slice(from + length);
  }),
);
