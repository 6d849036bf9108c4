import type { Fate } from '../cast/weather.ts';
import type { Reach } from '../fleet/database.ts';
import type { Aim } from './moments.ts';
import { Random } from '../world/random.ts';

/**
 * Something that goes wrong, or that someone does, at a time after the start in milliseconds; with an aim, at that
 * moment of the daemon after this time.
 */
export type Trouble = { readonly at: number; readonly machine: number; readonly aim?: Aim | undefined } & Kind;

type Kind =
  | { readonly kind: 'kill' | 'power-cut' | 'restart' | 'sign-in' | 'refresh-now' | 'force' | 'reload' }
  | { readonly kind: 'slow-reader' | 'overtaken' }
  /** The daemon ends, before or after a call to its disk. */
  | { readonly kind: 'crash'; readonly aim: Aim; readonly when: 'before' | 'after'; readonly power: boolean }
  | { readonly kind: 'sleep' | 'read-only' | 'offline' | 'pause'; readonly ms: number }
  /** So many bytes are left. */
  | { readonly kind: 'disk-full'; readonly free: number; readonly ms: number }
  /**
   * A program of the user renews a login: at once, which is its aim if it has one, or so long after the daemon takes or
   * releases its lock. At one of its calls to the disk it crashes, its machine sleeps, or the clock is set forward.
   */
  | {
      readonly kind: 'owner';
      readonly from: 'now' | 'lock' | 'release';
      readonly besideMs: number;
      readonly calls: number;
      readonly end: 'well' | 'crash' | 'sleep' | 'clock';
    }
  | { readonly kind: 'clock'; readonly by: number }
  /** The database of the fleet is not reached, or its clock is set. */
  | { readonly kind: 'fleet'; readonly reach: Reach; readonly ms: number }
  | { readonly kind: 'fleet-clock'; readonly by: number }
  | { readonly kind: 'vendor'; readonly fate: Fate; readonly requests: number; readonly ms: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FATES: readonly [Fate, ...Fate[]] = [
  'lost-before',
  'lost-after',
  'silence-before',
  'silence-after',
  'unavailable',
  'limited',
  'portal',
];

const CRASHES: readonly [(random: Random) => Aim, ...((random: Random) => Aim)[]] = [
  random => ({ from: 'now', calls: random.below(120) }),
  random => ({ from: 'rename', calls: random.below(12) }),
  random => ({ from: 'sent', calls: random.below(30) }),
  random => ({ from: 'seen', calls: random.below(5) }),
];

/** Between the lock and the end of an attempt. */
const duringAttempt = (random: Random): Aim => ({ from: 'lock', calls: random.below(36) });

type Kinds = readonly (readonly [number, (random: Random) => Kind & Pick<Trouble, 'aim'>])[];

/** What may go wrong, and how often in a day. */
const KINDS: Kinds = [
  [0.15, () => ({ kind: 'kill' })],
  [0.1, () => ({ kind: 'power-cut' })],
  [0.1, () => ({ kind: 'restart' })],
  [
    0.8,
    random => ({
      kind: 'crash',
      aim: random.pick(CRASHES)(random),
      when: random.pick(['before', 'after']),
      power: random.chance(0.5),
    }),
  ],
  [0.5, random => ({ kind: 'sleep', ms: random.between(5 * MINUTE, 10 * HOUR) })],
  [
    0.2,
    random => ({
      kind: 'disk-full',
      free: random.pick([0, random.below(5_000), random.below(40_000)]),
      ms: random.between(MINUTE, 3 * HOUR),
    }),
  ],
  [0.1, random => ({ kind: 'read-only', ms: random.between(MINUTE, 2 * HOUR) })],
  [0.2, random => ({ kind: 'sleep', aim: duringAttempt(random), ms: random.between(5 * MINUTE, 3 * HOUR) })],
  [
    0.2,
    random => ({
      kind: 'disk-full',
      aim: random.pick([duringAttempt(random), { from: 'sent' as const, calls: 0 }]),
      free: random.pick([0, random.below(2_000)]),
      ms: random.between(MINUTE, HOUR),
    }),
  ],
  [0.1, random => ({ kind: 'offline', aim: duringAttempt(random), ms: random.between(MINUTE, HOUR) })],
  [0.4, random => ({ kind: 'offline', ms: random.between(MINUTE, 5 * HOUR) })],
  [0.15, random => ({ kind: 'clock', by: random.between(-1, 1) * random.pick([MINUTE, HOUR, DAY]) })],
  [
    1.2,
    random => ({
      kind: 'vendor',
      fate: random.pick(FATES),
      requests: 1 + random.below(3),
      ms: random.between(HOUR, 6 * HOUR),
    }),
  ],
  [0.05, () => ({ kind: 'sign-in' })],
  [0.1, () => ({ kind: 'slow-reader' })],
  [0.3, () => ({ kind: 'refresh-now' })],
  [0.2, () => ({ kind: 'force' })],
  [0.1, random => ({ kind: 'pause', ms: random.between(MINUTE, 4 * HOUR) })],
  [0.1, random => ({ kind: 'pause', aim: { from: 'seen', calls: 0 }, ms: random.between(1_000, MINUTE) })],
  [0.1, () => ({ kind: 'reload' })],
  [0.3, () => ({ kind: 'overtaken' })],
  [
    0.7,
    random => ({
      kind: 'owner',
      from: random.pick(['now', 'lock', 'release']),
      besideMs: random.pick([0, random.below(400)]),
      calls: 1 + random.below(10),
      end: random.pick(['well', 'well', 'crash', 'sleep', 'clock']),
    }),
  ],
  [
    0.3,
    random => ({
      kind: 'owner',
      aim: { from: 'attempt', calls: random.below(12) },
      from: 'now',
      besideMs: 0,
      calls: 1 + random.below(10),
      end: random.pick(['well', 'well', 'crash', 'sleep']),
    }),
  ],
];

const REACHES: readonly [Reach, ...Reach[]] = ['refused', 'silent', 'deaf', 'late'];

/** What may go wrong with the database of a fleet, and how often in a day. A sign-in is copied to all machines. */
const FLEET_KINDS: Kinds = [
  [1, () => ({ kind: 'sign-in' })],
  [0.7, random => ({ kind: 'fleet', reach: random.pick(REACHES), ms: random.between(10_000, 3 * HOUR) })],
  [0.1, random => ({ kind: 'fleet-clock', by: random.between(-1, 1) * random.pick([MINUTE, HOUR]) })],
];

/** What may go wrong on a machine of a fleet, and how often in a day. */
const IN_FLEET: Kinds = [
  [
    1,
    random => ({
      kind: 'sleep',
      aim: { from: 'lease', calls: random.below(25) },
      ms: random.between(5 * MINUTE, 3 * HOUR),
    }),
  ],
];

/** In some lives, two machines share a login, and a fleet. These take ten times as long as others. */
export const machinesOf = (seed: number): number => (new Random(seed).fork().chance(0.06) ? 2 : 1);

type Amount = {
  readonly machines?: number;
  /** So many times as much as on a usual bad day. [1] */
  readonly often?: number;
  /** The share of days on which something goes wrong. [0.3] */
  readonly badDays?: number;
};

/**
 * All that goes wrong in so many days, in order. Most days are calm, as they are in real life, and troubles that come
 * together break more than those that come alone. It depends on the seed alone, so any part can be left out.
 */
export function troublesOf(
  seed: number,
  days: number,
  { machines = machinesOf(seed), often = 1, badDays = 0.3 }: Amount = {},
): readonly Trouble[] {
  const random = new Random(seed);
  const drawing = { random, days, often };
  const kinds = machines > 1 ? [...KINDS, ...IN_FLEET] : KINDS;
  const troubles = Array.from({ length: machines }, (_, machine) => drawn(kinds, { ...drawing, machine }));
  if (machines > 1) troubles.push(drawn(FLEET_KINDS, { ...drawing, machine: 0 }));
  const isBad = Array.from({ length: Math.ceil(days) }, () => random.chance(badDays));
  const found = troubles.flat().filter(({ at }) => isBad[Math.floor(at / DAY)]);
  return found.toSorted((one, other) => one.at - other.at);
}

type Drawing = {
  readonly random: Random;
  readonly days: number;
  readonly often: number;
  readonly machine: number;
};

const drawn = (kinds: Kinds, { random, days, often, machine }: Drawing): readonly Trouble[] =>
  kinds.flatMap(([perDay, make]) => {
    const found: Trouble[] = [];
    const wait = () => random.wait(perDay * often);
    for (let at = wait(); at < days * DAY; at += wait()) found.push({ at: Math.round(at), machine, ...make(random) });
    return found;
  });
