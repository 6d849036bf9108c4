import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GUARANTEES, type Guarantee } from './guarantees.ts';
import { replayMany, walk } from './record.ts';
import { isInstalled, run } from './spin.ts';

// Checks each guarantee in all states of the model, and that each revert breaks the guarantee that it is for.

type Result = { readonly errors: number; readonly states: number; readonly depth: number; readonly seconds: number };

/** The most steps that a search may be deep. It fails if it gets there. */
const DEEPEST = 2_000_000;

function search(folder: string, { model, name, isProgress = false, bounds }: Guarantee, revert?: string): Result {
  run('cp', [join(import.meta.dirname, `${model}.pml`), 'model.pml'], folder);
  run('spin', ['-a', ...defined(bounds), ...(revert === undefined ? [] : [`-D${revert}`]), 'model.pml'], folder);
  const kind = isProgress ? ['-DNFAIR=8'] : ['-DSAFETY'];
  run('gcc', ['-O2', '-DNOREDUCE', ...kind, '-o', 'pan', 'pan.c'], folder);
  const how = isProgress ? ['-a', '-f'] : [];
  return resultOf(run('./pan', [`-m${DEEPEST}`, '-w22', ...how, '-N', name], folder));
}

const defined = (bounds: Guarantee['bounds']) => Object.entries(bounds).map(([name, value]) => `-D${name}=${value}`);

function resultOf(report: string): Result {
  if (
    report.includes('max search depth too small') ||
    report.includes('out of memory') ||
    report.includes('hash-compact')
  )
    throw new Error(`The search is not complete:\n${report}`);
  const number = (pattern: RegExp) => {
    const [, found] = pattern.exec(report) ?? [];
    if (found === undefined) throw new Error(`pan reports something unknown:\n${report}`);
    return Number(found);
  };
  return {
    errors: number(/errors: (\d+)/),
    states: number(/([\d.e+]+) states, stored/),
    depth: number(/depth reached (\d+)/),
    seconds: number(/elapsed time ([\d.]+) seconds/),
  };
}

const row = (...cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, nth) => (nth < 3 ? String(cell).padEnd(26) : String(cell).padStart(10))).join(' '));

function checkAll(folder: string): number {
  let wrong = 0;
  row('guarantee', 'revert', 'result', 'states', 'depth', 'seconds');
  for (const guarantee of GUARANTEES) {
    for (const revert of [undefined, ...guarantee.reverts]) {
      const { errors, states, depth, seconds } = search(folder, guarantee, revert);
      const isRight = revert === undefined ? errors === 0 : errors > 0;
      if (!isRight) wrong += 1;
      const result = `${errors === 0 ? 'holds' : 'is violated'}${isRight ? '' : ': WRONG'}`;
      row(guarantee.name, revert ?? '', result, states, depth, seconds);
    }
  }
  return wrong;
}

/** The steps to the violation of a guarantee, as the model takes them. */
function counterexample(folder: string, name: string, revert: string): void {
  const guarantee = GUARANTEES.find(one => one.name === name);
  if (!guarantee) throw new Error(`There is no guarantee ${name}.`);
  search(folder, guarantee, revert);
  const steps = run('spin', ['-t', ...defined(guarantee.bounds), `-D${revert}`, 'model.pml'], folder);
  console.log(
    steps
      .split('\n')
      .filter(line => line.includes('@ '))
      .map(line => line.trim())
      .join('\n'),
  );
}

/** Traces for the tests, so that these need no spin. */
function record(count: number): void {
  const file = join(import.meta.dirname, 'traces', 'redeem.txt.gz');
  const lines: string[] = [];
  let found = 0;
  for (let seed = 1; found < count; seed += 1) {
    for (const line of walk(seed)) {
      if (found === count) break;
      lines.push(line);
      if (line.startsWith('@ 9 again')) found += 1;
    }
  }
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
}

async function main([first, second]: readonly string[]): Promise<void> {
  if (!isInstalled()) throw new Error('spin and gcc are needed: apt-get install spin gcc');
  if (first === '--record') return record(Number(second));
  if (first === '--replay') {
    process.exitCode = (await replayMany(Number(second))) === 0 ? 0 : 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-proof-'));
  try {
    if (first !== undefined && second !== undefined) counterexample(folder, first, second);
    else process.exitCode = checkAll(folder) === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main(process.argv.slice(2));
