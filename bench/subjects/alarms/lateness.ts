import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../measure/statistics.ts';
import { CANDIDATES } from './candidates.ts';

// The process of one candidate: sets alarms in a process that has done nothing else, and waits until they have rung.

/** What is sent to the benchmark. Undefined if the alarms were due before all were set. */
export type Lateness =
  | {
      /** How long it took to set all alarms. */
      readonly addMs: number;
      readonly bytesEach: number;
      /** How late the alarms rang, in milliseconds. */
      readonly p50: number;
      readonly p99: number;
    }
  | undefined;

const SETTLE_MS = 200;

const [name = '', ...numbers] = process.argv.slice(2);
const [count = 0, aheadMs = 0, spreadMs = 0] = numbers.map(Number);
const candidate = CANDIDATES[name]?.();
if (!candidate) throw new Error(`There is no candidate ${name}.`);

const used = async (): Promise<number> => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + ((await candidate.bytesElsewhere?.()) ?? 0);
};

await sleep(SETTLE_MS);
const late = new Float64Array(count);
const due = Date.now() + aheadMs;
const times = Array.from({ length: count }, (_, index) => due + Math.floor((spreadMs * index) / count));
let rang = 0;
let allRang: () => void = () => undefined;
const end = new Promise<void>(resolve => {
  allRang = resolve;
});
const ring = (index: number): void => {
  late[index] = performance.timeOrigin + performance.now() - (times[index] ?? NaN);
  rang += 1;
  if (rang === count) allRang();
};

const before = await used();
const started = performance.now();
const kept = await candidate.set(times, ring);
const addMs = performance.now() - started;
const bytesEach = ((await used()) - before) / count;
const isTooLate = Date.now() >= due;
if (!isTooLate) await end;
await candidate.close();
const values = [...late];
const result: Lateness = isTooLate
  ? undefined
  : { addMs, bytesEach, p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
// What is kept must not be collected before the memory is measured.
process.send?.({ result, kept: kept !== undefined }, () => process.exit());
