import { expect, test } from 'vitest';
import { sentenceOf } from '../../simulation/scene/sentences.ts';
import { troublesOf, type Trouble } from '../../simulation/scene/trouble.ts';

const MINUTE = 60_000;

const happening = (trouble: object): Trouble => ({ at: 0, machine: 0, ...trouble }) as Trouble;

test.each([
  [{ kind: 'kill' }, 'kills the daemon'],
  [
    { kind: 'crash', aim: { from: 'rename', calls: 1 }, when: 'after', power: true },
    'kills the daemon just after it changes the disk, and loses its power ' +
      '(it has put a file in place, and the disk has changed 1 time)',
  ],
  [
    { kind: 'crash', aim: { from: 'now', calls: 7 }, when: 'before', power: false },
    'kills the daemon just before it changes the disk',
  ],
  [
    { kind: 'sleep', ms: 90 * MINUTE, aim: { from: 'seen', calls: 0 } },
    'sleeps for 1 hour 30 minutes (clients have seen the end of an attempt)',
  ],
  [{ kind: 'disk-full', free: 0, ms: MINUTE }, 'has 0 bytes left on its disk, for 1 minute'],
  [{ kind: 'clock', by: -3 * MINUTE }, 'sets its clock back by 3 minutes'],
  [
    { kind: 'vendor', fate: 'lost-after', requests: 2, ms: MINUTE },
    'will see its next 2 requests to the vendor done, and the answer lost with the connection',
  ],
  [
    { kind: 'fleet', reach: 'late', ms: 2 * MINUTE },
    'shares a database that is reached up to a minute late, for 2 minutes',
  ],
  [
    { kind: 'owner', from: 'release', besideMs: 120, calls: 5, end: 'crash' },
    'starts another program that renews a login, 120 ms after the daemon releases its lock. At change 5 of the disk, ' +
      'that program crashes',
  ],
  [{ kind: 'owner', from: 'now', besideMs: 0, calls: 5, end: 'well' }, 'starts another program that renews a login'],
])('%j is a sentence about a machine', (trouble, expected) => {
  expect(sentenceOf(happening(trouble))).toBe(expected);
});

test('everything that can happen has a sentence, without the names that the program has for it', () => {
  const troubles = troublesOf(1, 60, { machines: 2, badDays: 1 });
  expect(new Set(troubles.map(({ kind }) => kind)).size).toBeGreaterThan(15);
  for (const trouble of troubles)
    expect(sentenceOf(trouble)).not.toMatch(/undefined|NaN|besideMs|[a-z][A-Z]|\bms\b [a-z]*\d/);
});
