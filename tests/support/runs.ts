/** Whether the full counts of docs/reliability.md are run, as by `npm run test:torture`. */
export const IS_TORTURE = process.env['KEEPALIVE_TORTURE'] === '1';

/** The share of the full counts that full runs make: CI has less time. */
const SHARE = Number(process.env['KEEPALIVE_SHARE'] ?? 1);

/** A number of repetitions: `few` in short runs, `all` in full ones. `KEEPALIVE_RUNS` overrides both. */
export const times = (few: number, all: number): number =>
  Number(process.env['KEEPALIVE_RUNS'] ?? (IS_TORTURE ? Math.max(few, Math.ceil(all * SHARE)) : few));

/** The same for a property of fast-check. */
export const runs = (few: number, all: number): { readonly numRuns: number } => ({ numRuns: times(few, all) });
