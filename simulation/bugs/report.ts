import { Product } from '../product.ts';
import { BUGS } from './bugs.ts';
import { hunt } from './hunt.ts';

/** Hunts the bugs with these names, or all of them, and prints what was found. Returns whether all were. */
export async function huntAndReport(names: string): Promise<boolean> {
  const wanted = new Set(names.split(','));
  const bugs = BUGS.filter(({ name }) => names === 'all' || wanted.has(name) || wanted.has(name.slice(3)));
  if (bugs.length === 0) throw new Error(`There is no bug ${names}. The names are in simulation/bugs/bugs.ts.`);
  const clean = await Product.pack();
  const missed: string[] = [];
  for (const bug of bugs) {
    try {
      const { seed, seconds, how, story } = await hunt(bug, clean);
      console.log(`${bug.name}: found by ${bug.breaks} in ${seconds.toFixed(1)} s, with seed ${seed}\n  ${how}`);
      if (bugs.length === 1) console.log(story.slice(-40).join('\n'));
    } catch (error) {
      missed.push(bug.name);
      console.log(error instanceof Error ? error.message : error);
    }
  }
  console.log(`${bugs.length - missed.length} of ${bugs.length} found`);
  return missed.length === 0;
}
