import { fileURLToPath } from 'node:url';
import { findProgram } from './measure/environment.ts';
import { BENCHMARKS } from './subjects/index.ts';

// Runs one benchmark in a separate process, so that no benchmark warms up or fills the memory of another.

const [name = '', mode] = process.argv.slice(2);
const benchmark = await BENCHMARKS[name]?.();
if (!benchmark) throw new Error(`There is no benchmark ${name}. Known: ${Object.keys(BENCHMARKS).join(', ')}`);
const findings = await benchmark({
  dist: fileURLToPath(new URL('../../../dist/', import.meta.url)),
  find: findProgram,
  progress: text => process.stderr.write(`  ${text}\n`),
  isQuick: mode === 'quick',
});
process.send?.(findings, () => process.exit());
