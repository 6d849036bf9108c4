import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { endsLeaseTrace } from './replay/lease-trace.ts';
import { replayAll, type Divergence } from './replay/replay.ts';
import { endsTrace, tracesIn, type Trace } from './replay/trace.ts';
import { inFolder, run } from './spin.ts';

/** Wider than what is searched, because a walk does not take longer for it. */
const BOUNDS = {
  redeem: ['-DCRASHES=1', '-DLOSSES=2', '-DREFUSALS=1', '-DTICKS=3', '-DFORCES=1'],
  lease: ['-DMACHINES=3', '-DCRASHES=2', '-DPAUSES=-1', '-DLOST=2', '-DEPOCHS=9'],
};
const ENDS = { redeem: endsTrace, lease: endsLeaseTrace };
const STEPS = 200_000;

/** The lines of whole traces that spin prints of a random walk through a model: some hundreds of traces. */
function walk(model: keyof typeof BOUNDS, seed: number): readonly string[] {
  const file = join(import.meta.dirname, `${model}.pml`);
  const args = [`-n${seed}`, `-u${STEPS}`, '-DWALK', ...BOUNDS[model], file];
  const printed = inFolder(folder => run('spin', args, folder));
  const lines = printed.split('\n').flatMap(line => /@ .*/.exec(line)?.[0] ?? []);
  return lines.slice(0, lines.findLastIndex(ENDS[model]) + 1);
}

function* walks(count: number): Generator<Trace> {
  let done = 0;
  for (let seed = 1; ; seed += 1) {
    for (const trace of tracesIn(walk('redeem', seed))) {
      if (done === count) return;
      done += 1;
      yield trace;
    }
  }
}

/** Replays new traces on the code. Returns how many parted from the model. */
export async function replayMany(count: number): Promise<number> {
  let parted = 0;
  let replayed = 0;
  const found = (divergence: Divergence | undefined) => {
    replayed += 1;
    if (divergence) {
      parted += 1;
      console.log(`Step ${divergence.step}, ${divergence.difference}\n  ${divergence.taken.join('\n  ')}`);
    }
    if (replayed === count || replayed % 1_000 === 0)
      console.log(`${replayed} traces were replayed, ${parted} parted from the model.`);
  };
  await replayAll(walks(count), { found });
  return parted;
}

/** Traces for the tests, so that these need no spin. */
export function record(count: number): void {
  for (const model of ['redeem', 'lease'] as const) {
    const lines: string[] = [];
    let found = 0;
    for (let seed = 1; found < count; seed += 1) {
      for (const line of walk(model, seed)) {
        if (found === count) break;
        lines.push(line);
        if (ENDS[model](line)) found += 1;
      }
    }
    writeFileSync(join(import.meta.dirname, 'traces', `${model}.txt.gz`), gzipSync(`${lines.join('\n')}\n`));
  }
}
