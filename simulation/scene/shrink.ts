import type { Product } from '../product.ts';
import type { Rule } from '../rules/rules.ts';
import { live, type LifeOptions, type Outcome } from './life.ts';

/** Leaves out what is not needed to break the rule, in ever smaller parts. Returns the shortest life that breaks it. */
export async function shrink(product: Product, life: LifeOptions, rule: Rule): Promise<Outcome & LifeOptions> {
  let best = life;
  let outcome = await live(product, life);
  for (let size = Math.ceil(best.troubles.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let from = 0; from < best.troubles.length;) {
      const troubles = [...best.troubles.slice(0, from), ...best.troubles.slice(from + size)];
      const tried = await live(product, { ...best, troubles });
      if (tried.broken?.rule === rule) [best, outcome] = [{ ...best, troubles }, tried];
      else from += size;
    }
  }
  return { ...best, ...outcome };
}
