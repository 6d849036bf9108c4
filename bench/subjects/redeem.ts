import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Benchmark, Figure } from '../benchmark.ts';
import { median, percentile } from '../measure/statistics.ts';
import type { Renewal } from './redeem/renewals.ts';
import { startSide } from './redeem/side.ts';
import { bareSyncs } from './redeem/syncs.ts';

// Measures what our whole redeem path costs beside openid-client alone, which keeps the successor in memory only.

const ROUNDS = 20;
const RENEWALS = 20;

/** A file system in memory. It shows what is left of the cost without a disk. */
const MEMORY = '/dev/shm';

const ALONE = 'openid-client alone';
const SYNCS = 'the syncs alone';

type Measured = {
  /** The first renewal of each process. */
  readonly first: { readonly alone: readonly Renewal[]; readonly ours: readonly Renewal[] };
  readonly alone: readonly Renewal[];
  readonly ours: readonly Renewal[];
  /** What the syncs of a redeem take alone, in milliseconds. */
  readonly syncsMs: readonly number[];
};

/** Both take turns, so that a disturbance of the machine meets both. */
async function measure(parent: string, rounds: number): Promise<Measured> {
  const sides = { alone: await startSide('alone', parent), ours: await startSide('ours', parent) };
  const first = { alone: await sides.alone.renew(1), ours: await sides.ours.renew(1) };
  const renewals: { readonly [side in keyof typeof sides]: Renewal[] } = { alone: [], ours: [] };
  const syncsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    renewals.alone.push(...(await sides.alone.renew(RENEWALS)));
    renewals.ours.push(...(await sides.ours.renew(RENEWALS)));
    for (let each = 0; each < RENEWALS; each++) syncsMs.push(bareSyncs(sides.ours.folder));
  }
  for (const side of Object.values(sides)) await side.stop();
  return { first, ...renewals, syncsMs };
}

const wallOf = (renewals: readonly Renewal[], share = 0.5): number =>
  percentile(
    renewals.map(({ ms }) => ms),
    share,
  );

const processorOf = (renewals: readonly Renewal[], share = 0.5): number =>
  percentile(
    renewals.map(({ processorMs }) => processorMs),
    share,
  );

const syncsOf = (renewals: readonly Renewal[]): number => median(renewals.map(({ syncs }) => syncs));

type Sides = Pick<Measured, 'alone' | 'ours'>;
type Compared = Pick<Figure, 'value' | 'beside'>;

/** The same measure of both. */
const both = ({ alone, ours }: Sides, measureOf: (renewals: readonly Renewal[]) => number): Compared => ({
  value: measureOf(ours),
  beside: { [ALONE]: measureOf(alone) },
});

/** What ours adds, beside the syncs that it must not leave out. */
const added = ({ alone, ours, syncsMs }: Measured): Compared => ({
  value: wallOf(ours) - wallOf(alone),
  beside: { [SYNCS]: median(syncsMs) },
});

const figuresOf = (measured: Measured): readonly Figure[] => [
  {
    id: 'redeem/added',
    what: 'what our redeem path adds to a renewal, p50',
    ...added(measured),
    unit: 'ms',
    goal: { atMost: 5 },
    note: `${SYNCS} are the floor, which the disk sets: without one of them, a crash could lose a token`,
  },
  { id: 'redeem/p50', what: 'a renewal, p50', ...both(measured, all => wallOf(all)), unit: 'ms' },
  { id: 'redeem/p95', what: '… p95', ...both(measured, all => wallOf(all, 0.95)), unit: 'ms' },
  {
    id: 'redeem/processor-p50',
    what: '… its processor time, p50',
    ...both(measured, all => processorOf(all)),
    unit: 'ms',
  },
  { id: 'redeem/processor-p95', what: '… p95', ...both(measured, all => processorOf(all, 0.95)), unit: 'ms' },
  { id: 'redeem/syncs', what: '… its syncs of files and folders', ...both(measured, syncsOf), unit: '' },
  {
    id: 'redeem/first',
    what: 'the first renewal of a process',
    ...both(measured.first, all => wallOf(all)),
    unit: 'ms',
    note: 'ours includes loading openid-client, which the other process has loaded before',
  },
];

export const redeem: Benchmark = async ({ isQuick, progress }) => {
  const rounds = isQuick ? 1 : ROUNDS;
  progress('on the disk');
  const figures = figuresOf(await measure(tmpdir(), rounds));
  if (!existsSync(MEMORY)) return { figures };
  progress('in memory');
  const withoutDisk: Figure = {
    id: 'redeem/added-in-memory',
    what: 'what it adds if the files are in memory, p50',
    ...added(await measure(MEMORY, rounds)),
    unit: 'ms',
  };
  return { figures: [...figures, withoutDisk] };
};
