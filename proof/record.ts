import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { endsLeaseTrace } from './replay/lease-trace.ts';
import { endsTrace } from './replay/trace.ts';
import { inFolder, run } from './spin.ts';

/** Wider than what is searched, because a walk does not take longer for it. */
const BOUNDS = {
  redeem: ['-DCRASHES=1', '-DLOSSES=2', '-DREFUSALS=1', '-DTICKS=3', '-DFORCES=1'],
  lease: ['-DMACHINES=3', '-DCRASHES=2', '-DPAUSES=-1', '-DLOST=2', '-DEPOCHS=9', '-DLEAVES=1'],
};
const ENDS = { redeem: endsTrace, lease: endsLeaseTrace };
const STEPS = 200_000;

/** The lines of whole traces that spin prints of a random walk through a model: some hundreds of traces. */
export function walk(model: keyof typeof BOUNDS, seed: number): readonly string[] {
  const file = join(import.meta.dirname, `${model}.pml`);
  const args = [`-n${seed}`, `-u${STEPS}`, '-DWALK', ...BOUNDS[model], file];
  const printed = inFolder(folder => run('spin', args, folder));
  const lines = printed.split('\n').flatMap(line => /@ .*/.exec(line)?.[0] ?? []);
  return lines.slice(0, lines.findLastIndex(ENDS[model]) + 1);
}

/** Records traces for the tests, so that these need no spin. Returns the files. */
export function record(count: number): readonly string[] {
  return (['redeem', 'lease'] as const).map(model => {
    const lines: string[] = [];
    let found = 0;
    for (let seed = 1; found < count; seed += 1) {
      for (const line of walk(model, seed)) {
        if (found === count) break;
        lines.push(line);
        if (ENDS[model](line)) found += 1;
      }
    }
    const file = join(import.meta.dirname, 'traces', `${model}.txt.gz`);
    writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
    return file;
  });
}
