import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Findings } from './benchmark.ts';
import { describeFigures } from './report/describe.ts';
import { thisMachine } from './report/machine.ts';
import { formerResults, keepResults } from './report/results.ts';
import { BENCHMARKS } from './subjects/index.ts';

// `npm run bench` runs all benchmarks, `npm run bench -- rpc idle` some. With --quick, each is short and nothing is
// kept. docs/performance.md explains what is measured.

const RUN_ONE = fileURLToPath(new URL('run-one.js', import.meta.url));

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const machine = thisMachine();
console.log(`Node ${machine.node}, ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}`);

const failed: string[] = [];
for (const name of names) {
  console.log(`\n${name}`);
  try {
    const findings = await run(name);
    console.log(describeFigures(findings.figures, formerResults(name)?.figures));
    if (!values.quick) await keepResults(name, machine, findings);
  } catch (error) {
    failed.push(name);
    console.error(error instanceof Error ? error.message : error);
  }
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}. The errors are above.`);
  process.exitCode = 1;
}

/** Runs a benchmark in its own process, which prints its own error if it fails. */
async function run(name: string): Promise<Findings> {
  const child = fork(RUN_ONE, [name, values.quick ? 'quick' : 'full'], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The benchmark ${name} ended with code ${code}.`);
  });
  const [findings] = await Promise.race([once(child, 'message'), ended]);
  return findings as Findings;
}
