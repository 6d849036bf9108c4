/** How often a property is tried: a few times in everyday runs, as often as `KEEPALIVE_RUNS` says in long ones. */
export const runs = (few: number): { readonly numRuns: number } => ({ numRuns: Number(process.env['KEEPALIVE_RUNS'] ?? few) });
