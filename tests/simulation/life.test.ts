import { expect, test } from 'vitest';
import { Product } from '../../simulation/product.ts';
import { live } from '../../simulation/scene/life.ts';
import { shrink } from '../../simulation/scene/shrink.ts';
import { troublesOf } from '../../simulation/scene/trouble.ts';
import { withBug } from '../../simulation/bugs/copy.ts';
import { BUGS } from '../../simulation/bugs/bugs.ts';
import { times } from '../support/runs.ts';

const product = Product.pack();
const DAYS = 3;
/** A life is computed, so a busy machine makes it long. */
const LIMIT_MS = 600_000;
const lifeOf = (seed: number, days = DAYS) => ({ seed, days, troubles: troublesOf(seed, days) });

test(
  'lives with crashes, power cuts, sleep, set clocks, full disks and lost answers break no rule',
  async () => {
    for (let seed = 1; seed <= times(2, 50); seed += 1) {
      const { broken, renewals } = await live(await product, lifeOf(seed));
      expect(broken, `npm run simulate -- --seed ${seed} --days ${DAYS}`).toBeUndefined();
      expect(renewals).toBeGreaterThan(0);
    }
  },
  LIMIT_MS,
);

test(
  'a seed tells the same story each time, and another seed tells another',
  async () => {
    const [first, again, other] = [5, 5, 6].map(async seed =>
      (await live(await product, lifeOf(seed))).story.join('\n'),
    );
    expect(await again).toBe(await first);
    expect(await other).not.toBe(await first);
  },
  LIMIT_MS,
);

test(
  'a broken rule is shrunk to the troubles that it takes, as a story that ends with it',
  async () => {
    const bug = BUGS.find(({ name }) => name.endsWith('alarm-not-set'));
    if (!bug) throw new Error('The bug is gone.');
    const broken = await withBug(bug, root => Product.pack(root));
    const life = { ...lifeOf(1, 8), troubles: troublesOf(1, 8, { badDays: 1 }), rule: bug.breaks };
    const outcome = await live(broken, life);
    expect(outcome.broken?.rule).toBe(bug.breaks);
    const shrunk = await shrink(broken, life, outcome);
    expect(shrunk.broken?.rule).toBe(bug.breaks);
    expect(shrunk.troubles.length).toBeLessThan(life.troubles.length);
    expect(shrunk.story[0]).toMatch(/^day 1, Mon 08:00:\d\d\.\d{3} laptop started the daemon$/);
  },
  LIMIT_MS,
);
