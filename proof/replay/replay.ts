import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../../sdk/plugin/files.ts';
import { scratchFolder } from './scratch.ts';
import type { Trace } from './trace.ts';
import { World } from './world.ts';

/** Where the code parts from the model. */
export type Divergence = { readonly step: number; readonly taken: readonly string[]; readonly difference: string };

/** Takes the steps of a trace with the real code, and compares the state after each. Undefined if all are the same. */
export async function replay(
  folder: string,
  { hasGrace, steps }: Trace,
  alter?: (files: Files) => Files,
): Promise<Divergence | undefined> {
  const world = await World.open(folder, hasGrace, alter);
  const taken: string[] = [];
  try {
    for (const [nth, step] of steps.entries()) {
      taken.push(`${step.who} ${step.what}`);
      const difference = await world.take(step);
      if (difference !== undefined) return { step: nth + 1, taken, difference };
    }
    return undefined;
  } finally {
    await world.close();
  }
}

const AT_ONCE = 25;

/** Replays traces, each in its own folder, and calls with what was found in each. */
export async function replayAll(
  traces: Iterable<Trace>,
  { alter, found }: { alter?: (files: Files) => Files; found: (divergence: Divergence | undefined) => void },
): Promise<void> {
  const folder = scratchFolder();
  const left = traces[Symbol.iterator]();
  const work = async (nth: number) => {
    for (let next = left.next(); !next.done; next = left.next())
      found(await replay(join(folder, String(nth)), next.value, alter));
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, nth) => work(nth)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
