import type { Product } from '../product.ts';
import { live, type LifeOptions, type Outcome } from './life.ts';

const DAY = 86_400_000;
/** At least so many days are lived in search of a shorter life, and more if the rule is broken late. */
const DAYS = 200;
/** So often a life of that length is tried. */
const TRIES = 30;

/** Leaves out what is not needed to break the rule, in ever smaller parts. Returns the shortest life that breaks it. */
export async function shrink(product: Product, life: LifeOptions, first: Outcome): Promise<Outcome & LifeOptions> {
  const rule = first.broken?.rule;
  let best = { ...life, troubles: life.troubles.filter(({ at }) => at <= first.lasted) };
  let outcome = first;
  let left = Math.max(DAYS, (TRIES * first.lasted) / DAY);
  for (let size = best.troubles.length; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let from = 0; from < best.troubles.length && left > 0;) {
      const troubles = [...best.troubles.slice(0, from), ...best.troubles.slice(from + size)];
      const shorter = { ...best, troubles, days: (outcome.lasted + 1) / DAY };
      const tried = await live(product, shorter);
      left -= tried.lasted / DAY;
      if (tried.broken?.rule === rule) [best, outcome] = [shorter, tried];
      else from += size;
    }
  }
  return { ...best, ...outcome };
}
