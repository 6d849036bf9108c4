import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Product } from '../../simulation/product.ts';
import { live } from '../../simulation/scene/life.ts';
import { troublesOf } from '../../simulation/scene/trouble.ts';

const LIMIT_MS = 600_000;
/** Ten days leave 5 to 10 MB behind if something keeps them. */
const MAX_GROWTH = 8e6;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test(
  'a life leaves nothing in memory when it has ended',
  async () => {
    const product = await Product.pack();
    const used = async (seeds: readonly number[]) => {
      for (const seed of seeds) await live(product, { seed, days: 10, troubles: troublesOf(seed, 10), machines: 1 });
      // The last life is still on the stack of this function.
      await live(product, { seed: 1, days: 0.1, troubles: [], machines: 1 });
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await used([2, 3]);
    expect((await used([5, 6, 7, 8])) - before).toBeLessThan(MAX_GROWTH);
  },
  LIMIT_MS,
);
