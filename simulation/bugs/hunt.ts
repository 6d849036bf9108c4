import { Product } from '../product.ts';
import type { Rule } from '../rules/rules.ts';
import { live, type LifeOptions } from '../scene/life.ts';
import { shrink } from '../scene/shrink.ts';
import { troublesOf } from '../scene/trouble.ts';
import type { Bug } from './bugs.ts';
import { withBug } from './copy.ts';

/** Each bug must be found within this much processor time, in seconds. */
const LIMIT_S = 60;
/** How long each seed lives. Troubles soon come together, so many short lives find more than a long one. */
const DAYS = 8;

export type Found = {
  readonly bug: Bug;
  readonly seed: number;
  readonly seconds: number;
  /** How the rule was broken, and the shortest story in which it is. */
  readonly how: string;
  readonly story: readonly string[];
};

/** Finds a bug by the rule that it names. Throws if that rule holds for too long, or is broken without the bug too. */
export function hunt(bug: Bug, clean: Product): Promise<Found> {
  return withBug(bug, async root => {
    const product = await Product.pack(root);
    const began = seconds();
    const others = new Set<Rule>();
    for (let seed = 1; seconds() - began < LIMIT_S; seed += 1) {
      const life = { seed, days: DAYS, troubles: troublesOf(seed, DAYS, 1) };
      const { broken } = await live(product, life);
      if (broken?.rule !== bug.breaks) {
        if (broken) others.add(broken.rule);
        continue;
      }
      const spent = seconds() - began;
      const shrunk = await shrink(product, life, bug.breaks);
      await proveInnocent(clean, shrunk, bug);
      return { bug, seed, seconds: spent, how: shrunk.broken?.how ?? broken.how, story: shrunk.story };
    }
    const seen = others.size > 0 ? `, although others are broken: ${[...others].join(', ')}` : '';
    throw new Error(`${bug.name}: ${bug.breaks} holds for ${LIMIT_S} s${seen}.`);
  });
}

/** The same life without the bug breaks nothing, so that it is the bug that was found. */
async function proveInnocent(clean: Product, life: LifeOptions, bug: Bug): Promise<void> {
  const { broken } = await live(clean, life);
  if (broken) throw new Error(`${bug.name}: without the bug, seed ${life.seed} breaks ${broken.message}`);
}

function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
