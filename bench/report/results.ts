import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../benchmark.ts';
import type { Machine } from './machine.ts';
import { toSvg } from './plot.ts';
import { renderReadme, type Results } from './readme.ts';

const FOLDER = 'bench/results';

/** Undefined before the first run. */
export function formerResults(benchmark: string): Results | undefined {
  return keptBenchmarks().includes(benchmark) ? readResults(benchmark) : undefined;
}

/** Writes the figures as JSON, each plot as SVG, and the page that shows the results of all benchmarks. */
export async function keepResults(
  benchmark: string,
  machine: Machine,
  { figures, plots = [] }: Findings,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const results: Results = { machine, figures, plots: plots.map(({ name, title }) => ({ name, title })) };
  writeFileSync(join(FOLDER, `${benchmark}.json`), `${JSON.stringify(results, null, 2)}\n`);
  for (const plot of plots) writeFileSync(join(FOLDER, `${plot.name}.svg`), await toSvg(plot));
  const all = Object.fromEntries(keptBenchmarks().map(name => [name, readResults(name)]));
  writeFileSync(join(FOLDER, 'README.md'), renderReadme(all));
}

function keptBenchmarks(): readonly string[] {
  mkdirSync(FOLDER, { recursive: true });
  return readdirSync(FOLDER).flatMap(name => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
}

/** JSON has no NaN, and keeps it as null. */
const readResults = (benchmark: string): Results =>
  JSON.parse(readFileSync(join(FOLDER, `${benchmark}.json`), 'utf8'), (_, value: unknown) =>
    value === null ? NaN : value,
  ) as Results;
