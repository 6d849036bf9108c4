import { Product } from '../product.ts';
import { shrink } from '../scene/shrink.ts';
import { BUGS } from './bugs.ts';
import { hunt } from './hunt.ts';

/**
 * Hunts the bugs with these names, or all of them, and prints what was found; the shrunk story too, if it is one bug.
 * Returns whether all were found.
 */
export async function huntAndReport(names: string): Promise<boolean> {
  const wanted = new Set(names.split(','));
  const bugs = BUGS.filter(({ name }) => names === 'all' || wanted.has(name) || wanted.has(name.slice(3)));
  if (bugs.length === 0) throw new Error(`There is no bug ${names}. The names are in simulation/bugs/bugs.ts.`);
  const clean = await Product.pack();
  let found = 0;
  for (const bug of bugs) {
    try {
      const { seconds, product, life, outcome } = await hunt(bug, clean);
      found += 1;
      console.log(`${bug.name}: found by ${bug.breaks} in ${seconds.toFixed(1)} s, with seed ${life.seed}`);
      console.log(`  ${outcome.broken?.how}`);
      if (bugs.length === 1) console.log((await shrink(product, life, outcome)).story.slice(-40).join('\n'));
    } catch (error) {
      console.log(error instanceof Error ? error.message : error);
    }
  }
  console.log(`${found} of ${bugs.length} found`);
  return found === bugs.length;
}
