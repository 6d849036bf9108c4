import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayAll, type Divergence } from './replay/replay.ts';
import { endsTrace, tracesIn, type Trace } from './replay/trace.ts';
import { run } from './spin.ts';

/** Wider than what is searched, because a walk does not take longer for it. */
const BOUNDS = ['-DWALK', '-DCRASHES=1', '-DLOSSES=2', '-DREFUSALS=1', '-DTICKS=3'];
const STEPS = 200_000;

/** The lines of whole traces that spin prints of a random walk through the model: some hundreds of traces. */
export function walk(seed: number): readonly string[] {
  const model = join(import.meta.dirname, 'redeem.pml');
  const printed = run('spin', [`-n${seed}`, `-u${STEPS}`, ...BOUNDS, model], tmpdir());
  const lines = printed.split('\n').flatMap(line => /@ .*/.exec(line)?.[0] ?? []);
  return lines.slice(0, lines.findLastIndex(endsTrace) + 1);
}

function* walks(count: number): Generator<Trace> {
  let done = 0;
  for (let seed = 1; ; seed += 1) {
    for (const trace of tracesIn(walk(seed))) {
      if (done === count) return;
      done += 1;
      yield trace;
    }
  }
}

/** Replays new traces on the code. Returns how many parted from the model. */
export async function replayMany(count: number): Promise<number> {
  let parted = 0;
  const found = (divergence: Divergence | undefined) => {
    if (!divergence) return;
    parted += 1;
    console.log(`Step ${divergence.step}, ${divergence.difference}\n  ${divergence.taken.join('\n  ')}`);
  };
  await replayAll(walks(count), { found });
  console.log(`${count} traces were replayed, ${parted} parted from the model.`);
  return parted;
}
