import { expect, test } from 'vitest';
import { ownerStarts, sentenceOf, type Announced } from '../../simulation/scene/sentences.ts';

const MINUTE = 60_000;

type Example = readonly [facts: object, sentence: string];

/** Examples of every kind, which the compiler checks. */
const EXAMPLES: Readonly<Record<Announced['kind'], readonly Example[]>> = {
  kill: [[{}, 'kills the daemon']],
  'power-cut': [[{}, 'loses its power']],
  restart: [[{}, 'stops the daemon, and starts it again']],
  crash: [
    [
      { aim: { from: 'rename', calls: 1 }, when: 'after', power: true },
      'kills the daemon just after it changes the disk, and the power fails ' +
        '(the daemon has put a file in place, then the disk was changed 1 time)',
    ],
    [
      { aim: { from: 'now', calls: 7 }, when: 'before', power: false },
      'kills the daemon just before it changes the disk',
    ],
  ],
  sleep: [
    [{ ms: 10 * MINUTE }, 'sleeps for 10 minutes'],
    [
      { ms: 90 * MINUTE, aim: { from: 'seen', calls: 0 } },
      'sleeps for 1 hour 30 minutes (clients have seen the end of an attempt)',
    ],
  ],
  'disk-full': [[{ free: 0, ms: MINUTE }, 'has 0 bytes left on its disk, for 1 minute']],
  'read-only': [[{ ms: 2 * MINUTE }, 'cannot write to its disk for 2 minutes']],
  offline: [[{ ms: 2 * MINUTE }, 'has no network for 2 minutes']],
  clock: [
    [{ by: -3 * MINUTE }, 'sets its clock back by 3 minutes'],
    [{ by: 3 * MINUTE }, 'sets its clock forward by 3 minutes'],
  ],
  pause: [[{ ms: 2 * MINUTE }, 'pauses a session for 2 minutes']],
  vendor: [
    [{ fate: 'unavailable', requests: 1 }, 'will get 503 for its next request to the vendor'],
    [
      { fate: 'lost-after', requests: 2 },
      'will lose the answer to its next 2 requests to the vendor, with the connection',
    ],
  ],
  fleet: [[{ reach: 'late', ms: MINUTE }, 'shares a database that is reached up to a minute late, for 1 minute']],
  'fleet-clock': [[{ by: -MINUTE }, 'shares a database whose clock is set back by 1 minute']],
  'sign-in': [[{}, 'has its user sign in again']],
  'refresh-now': [[{}, 'asks for an attempt, as its user does']],
  force: [[{}, 'asks for a renewal by force, as its user does']],
  reload: [[{}, 'reads its configuration again']],
  'slow-reader': [[{}, 'starts a client that reads nothing']],
  overtaken: [[{}, 'will let another program renew a login just before the daemon takes its lock']],
};

const examples = Object.entries(EXAMPLES).flatMap(([kind, each]) =>
  each.map(([facts, expected]) => ({ trouble: { kind, at: 0, machine: 0, ...facts }, expected })),
);

test.each(examples)('laptop $expected', ({ expected, trouble }) => {
  expect(sentenceOf(trouble as Announced)).toBe(expected);
});

test('what another program does is said with its login and its moment', () => {
  const facts = { at: 0, machine: 0, kind: 'owner', calls: 5, end: 'crash' } as const;
  expect(ownerStarts('acme', { ...facts, from: 'now', besideMs: 0 })).toBe('starts another program that renews acme');
  expect(ownerStarts('acme', { ...facts, from: 'release', besideMs: 120 })).toBe(
    'starts another program that renews acme, 120 ms after the daemon has released its lock',
  );
});
