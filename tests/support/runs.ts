/** Whether the counts of docs/reliability.md are run in full, as `npm run test:torture` does. */
export const IS_TORTURE = process.env['KEEPALIVE_TORTURE'] === '1';

/** How often something is tried: a few times in everyday runs, `all` in long ones; `KEEPALIVE_RUNS` overrules both. */
export const times = (few: number, all: number): number =>
  Number(process.env['KEEPALIVE_RUNS'] ?? (IS_TORTURE ? all : few));

/** The same for a property of fast-check. */
export const runs = (few: number, all: number): { readonly numRuns: number } => ({ numRuns: times(few, all) });
