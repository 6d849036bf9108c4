import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from './replay/replay.ts';
import { tracesIn } from './replay/trace.ts';
import { run } from './spin.ts';

/** Wider than what is searched, because a walk does not take longer for it. */
const BOUNDS = ['-DWALK', '-DCRASHES=1', '-DLOSSES=2', '-DREFUSALS=1', '-DTICKS=3'];
const STEPS = 200_000;

/** What spin prints of a random walk through the model: some hundreds of traces. */
export function walk(seed: number): readonly string[] {
  const model = join(import.meta.dirname, 'redeem.pml');
  const printed = run('spin', [`-n${seed}`, `-u${STEPS}`, ...BOUNDS, model], tmpdir());
  return printed.split('\n').flatMap(line => /@ .*/.exec(line)?.[0] ?? []);
}

/** Replays new traces on the code. Returns how many parted from the model. */
export async function replayMany(count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-replay-'));
  let [done, parted, steps] = [0, 0, 0];
  for (let seed = 1; done < count; seed += 1) {
    for (const trace of tracesIn(walk(seed))) {
      if (done === count) break;
      done += 1;
      steps += trace.steps.length;
      const divergence = await replay(join(folder, String(done)), trace);
      rmSync(join(folder, String(done)), { recursive: true, force: true });
      if (!divergence) continue;
      parted += 1;
      console.log(`Step ${divergence.step}, ${divergence.difference}\n  ${divergence.taken.join('\n  ')}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`${done} traces with ${steps} steps were replayed, ${parted} parted from the model.`);
  return parted;
}
