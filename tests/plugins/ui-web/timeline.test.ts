import { describe, expect, test } from 'vitest';
import { layLanes, layTicks } from '../../../plugins/ui-web/page/format/timeline.ts';
import type { Attempt } from '../../../sdk/contract/session.ts';
import { ALIVE, attempt, DAY, HOUR, MINUTE, NOW, session } from '../ui-cli/fake-kernel.ts';

const at = (endedAt: number, outcome: Attempt['outcome'] = 'refreshed', id = 'a') =>
  attempt(id, { startedAt: endedAt - 1_000, endedAt, outcome });
const laneOf = (attempts: readonly Attempt[], more: object = {}, plan: Parameters<typeof layLanes>[1]['plan'] = []) => {
  const [lane] = layLanes([session('a', ALIVE, { expiresAt: undefined, ...more })], { attempts, plan }, NOW);
  if (!lane) throw new Error('There is no lane.');
  return lane;
};

describe('the marks of a lane', () => {
  test.each<[string, readonly Attempt[], readonly (readonly [number, number, string])[]]>([
    [
      'a day ago is the left end, now the middle',
      [at(NOW), at(NOW - DAY)],
      [
        [0.5, 1, 'good'],
        [0, 1, 'good'],
      ],
    ],
    ['older attempts are left out', [at(NOW - DAY - 1)], []],
    ['other sessions are left out', [at(NOW, 'refreshed', 'b')], []],
    [
      'attempts close together are one mark in the middle',
      [at(NOW - HOUR + 10 * MINUTE), at(NOW - HOUR + 20 * MINUTE)],
      [[0.5 - 45 / 2880, 2, 'good']],
    ],
    [
      'the gravest of them gives the colour',
      [at(NOW - HOUR, 'fresh'), at(NOW - HOUR, 'failed'), at(NOW - HOUR, 'refreshed')],
      [[0.5 - 60 / 2880, 3, 'bad']],
    ],
  ])('%s', (_what, attempts, marks) => {
    expect(laneOf(attempts).marks.map(mark => [mark.at, mark.count, mark.tone])).toEqual(
      marks.map(([place, ...rest]) => [expect.closeTo(place, 6), ...rest]),
    );
  });

  test('planned attempts are ahead, up to a day', () => {
    const plan = [
      { id: 'a', at: NOW + DAY, why: 'every day' },
      { id: 'a', at: NOW + DAY + 1, why: '' },
      { id: 'a', at: NOW - 1, why: '' },
      { id: 'b', at: NOW + 1, why: '' },
    ];
    expect(laneOf([], {}, plan).marks).toEqual([
      { at: 1, count: 1, tone: 'planned', text: 'Wed 11 Mar 12:00 planned: every day' },
    ]);
  });
});

test.each([
  ['the whole lifetime', { expiresAt: NOW + 12 * HOUR, expirySeenAt: NOW - 12 * HOUR }, { from: 0.25, to: 0.75 }, 0.75],
  [
    'a lifetime that is longer than the timeline',
    { expiresAt: NOW + 9 * DAY, expirySeenAt: NOW - 9 * DAY },
    { from: 0, to: 1 },
    undefined,
  ],
  ['an expired lifetime', { expiresAt: NOW - 12 * HOUR, expirySeenAt: NOW - 20 * HOUR }, undefined, 0.25],
  ['no expiry', {}, undefined, undefined],
])('%s', (_what, times, life, expiry) => {
  expect(laneOf([], times)).toMatchObject({ life, expiry });
});

test('a lane says the same in words', () => {
  expect(
    laneOf([at(NOW - MINUTE, 'fresh'), at(NOW - HOUR), at(NOW - 2 * HOUR)], { expiresAt: NOW + 5 * HOUR }).text,
  ).toBe(
    'In the last day: 1 × checked, not due; 2 × renewed. The next attempt is in 28 minutes. It expires in 5 hours.',
  );
});

test('ticks are at round hours, with weekdays at midnight and no label near now or at an end', () => {
  expect(layTicks(NOW + HOUR).map(({ label, kind }) => [label, kind])).toEqual([
    ['18:00', 'minor'],
    ['Tue', 'major'],
    ['06:00', 'minor'],
    ['', 'near'],
    ['18:00', 'near'],
    ['Wed', 'major'],
    ['06:00', 'minor'],
    ['', 'major'],
  ]);
});
