import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANDIDATES } from './candidates.ts';

// The process of one candidate whose wall clock is set by the benchmark: the machine sleeps for a day.

/** How often the alarms rang after the sleep. */
export type Runs = { readonly fewest: number; readonly most: number; readonly firstMs: number };

/** The tick that is due when the clock jumps: late enough to set the alarms, soon enough to wait for it. */
const TICK_AFTER_MS = 6_000;
const WATCHED_MS = 12_000;

const [name = '', text] = process.argv.slice(2);
const count = Number(text);
const candidate = CANDIDATES[name]?.();
if (!candidate) throw new Error(`There is no candidate ${name}.`);

const runs = new Uint32Array(count);
let wokenAt = Infinity;
let firstMs = NaN;
await candidate.repeat(count, new Date(Date.now() + TICK_AFTER_MS).getSeconds(), index => {
  runs[index] = (runs[index] ?? 0) + 1;
  if (Number.isNaN(firstMs)) firstMs = performance.now() - wokenAt;
});
process.send?.('ready');
await once(process, 'message');
wokenAt = performance.now();
await sleep(WATCHED_MS);
const result: Runs = { fewest: Math.min(...runs), most: Math.max(...runs), firstMs };
await candidate.close();
process.send?.(result, () => process.exit());
