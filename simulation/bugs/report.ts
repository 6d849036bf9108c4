import { known } from '../../build/usage.ts';
import { Product } from '../product.ts';
import { endingOf } from '../scene/ending.ts';
import { shrink } from '../scene/shrink.ts';
import { BUGS } from './bugs.ts';
import { hunt } from './hunt.ts';

/**
 * Hunts the bugs with these names, or all of them, and prints what was found; the shrunk story too, if it is one bug.
 * Returns whether all were found.
 */
export async function huntAndReport(names: string): Promise<boolean> {
  const all = BUGS.map(({ name }) => name.slice(3));
  const wanted = names === 'all' ? all : names.split(',').map(name => known('bug', name.replace(/^\d\d-/, ''), all));
  const bugs = BUGS.filter(({ name }) => wanted.includes(name.slice(3)));
  const clean = await Product.pack();
  let found = 0;
  for (const bug of bugs) {
    try {
      const { seconds, product, life, outcome } = await hunt(bug, clean);
      found += 1;
      console.log(`${bug.name}: found by ${bug.breaks} in ${seconds.toFixed(1)} s, with seed ${life.seed}`);
      console.log(`  ${outcome.broken?.how}`);
      if (bugs.length === 1) console.log(endingOf(await shrink(product, life, outcome)));
    } catch (error) {
      console.log(error instanceof Error ? error.message : error);
    }
  }
  console.log(`${found} of ${bugs.length} found`);
  return found === bugs.length;
}
