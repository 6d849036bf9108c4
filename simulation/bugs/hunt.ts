import { Product } from '../product.ts';
import { live, type LifeOptions, type Outcome } from '../scene/life.ts';
import { troublesOf } from '../scene/trouble.ts';
import type { Rule } from '../rules/rules.ts';
import type { Bug } from './bugs.ts';
import { withBug } from './copy.ts';

/** Each bug must be found within this much processor time, in seconds. */
const LIMIT_S = 60;
/** Many short lives in which much goes wrong differ more than a long one. */
const ROUGH = { days: 2, often: 8 };
/** What should happen in time is seen where little goes wrong, and leases are given where the database is reached. */
const CALM = { days: 8, often: 1 };
const NEED_CALM: readonly Rule[] = ['due-is-attempted', 'kept-alive', 'bounded', 'one-renewer'];
const DAY = 86_400_000;
const MINUTE = 60_000;
/** With short tokens there is more to go wrong in a day. */
const LIVES = [20 * MINUTE, 60 * MINUTE] as const;

export type Found = {
  readonly seconds: number;
  /** The product with the bug, and the life in which it breaks the rule. */
  readonly product: Product;
  readonly life: LifeOptions;
  readonly outcome: Outcome;
};

/** Finds a bug by the rule that it names. Throws if that rule holds for too long. */
export async function hunt(bug: Bug, clean: Product): Promise<Found> {
  const product = await withBug(bug, root => Product.pack(root));
  const began = seconds();
  const alarms: number[] = [];
  for (let seed = 1; seconds() - began < LIMIT_S; seed += 1) {
    const life = lifeFor(bug, seed);
    const outcome = await live(product, life);
    const { broken, lasted } = outcome;
    if (!broken) continue;
    const spent = seconds() - began;
    // The same life without the bug shows that it is the bug that was found.
    const innocent = await live(clean, { ...life, days: (lasted + 1) / DAY });
    if (!innocent.broken) return { seconds: spent, product, life, outcome };
    alarms.push(seed);
  }
  const also = alarms.length > 0 ? `, but without the bug it is broken too, with the seeds ${alarms.join(', ')}` : '';
  throw new Error(`${bug.name}: not found, because ${bug.breaks} was not broken in ${LIMIT_S} s${also}.`);
}

function lifeFor({ breaks: rule }: Bug, seed: number): LifeOptions {
  const machines = rule === 'one-renewer' ? 2 : 1;
  const { days, often } = NEED_CALM.includes(rule) ? CALM : ROUGH;
  // A client that reads nothing takes longer than all else, and meets none of the bugs.
  const troubles = troublesOf(seed, days, { machines, often, badDays: 1 }).filter(({ kind }) => kind !== 'slow-reader');
  return { seed, days, troubles, machines, rule, lives: LIVES };
}

function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
