import { parseArgs } from 'node:util';
import { huntAndReport } from './bugs/report.ts';
import { liveMany, type Wanted } from './many.ts';
import { Product } from './product.ts';
import { RULES } from './rules/rules.ts';
import { live } from './scene/life.ts';
import { shrink } from './scene/shrink.ts';
import { troublesOf } from './scene/trouble.ts';

const USAGE = `npm run simulate -- OPTIONS

  --seed N              lives one seed, and prints the shortest story in which a rule is broken
  --seeds N             lives N seeds, from the one that --seed names [200]
  --days N              days of each [30]
  --minutes N           ends after so long [no limit]
  --jobs N              processes [2]
  --verbose             prints the whole story of one seed
  --no-shrink           does not look for a shorter story
  --bug NAME|all        plants bugs, and looks for the rule that finds each`;

/** Lives one seed, and tells what was broken. Returns whether all rules held. */
async function liveOne({ seed, days }: Wanted, isVerbose: boolean, isShrunk: boolean): Promise<boolean> {
  const product = await Product.pack();
  const life = { seed, days, troubles: troublesOf(seed, days) };
  const outcome = await live(product, life);
  const { broken, story, happenings, renewals } = outcome;
  if (isVerbose) console.log(story.join('\n'));
  const { length } = life.troubles;
  console.log(`Seed ${seed}: ${days} days, ${length} troubles, ${renewals} requests, ${happenings} steps.`);
  if (!broken) return true;
  console.log(`${broken.rule} is broken. ${RULES[broken.rule]}\n${broken.how}`);
  if (!isShrunk) return false;
  const shrunk = await shrink(product, life, outcome);
  console.log(`The shortest story found has ${shrunk.troubles.length} troubles. It ends:`);
  console.log(shrunk.story.slice(-40).join('\n'));
  return false;
}

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    days: { type: 'string', default: '30' },
    minutes: { type: 'string', default: 'Infinity' },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
    bug: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [seed, seeds, days] = [values.seed ?? '1', values.seeds ?? '200', values.days].map(Number);
const [minutes, jobs] = [values.minutes, values.jobs].map(Number);
if (values.help) console.log(USAGE);
else if (values.bug !== undefined) process.exitCode = (await huntAndReport(values.bug)) ? 0 : 1;
else if (![seed, seeds, days, jobs].every(number => Number(number) > 0) || !(Number(minutes) > 0)) {
  console.error(`An option is no number above 0.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  const wanted = { seed: seed ?? 1, seeds: seeds ?? 1, days: days ?? 30 };
  const isOne = values.seed !== undefined && values.seeds === undefined;
  const isWell = isOne
    ? await liveOne(wanted, values.verbose, values.shrink)
    : await liveMany(wanted, { minutes: minutes ?? Infinity, jobs: jobs ?? 1 });
  process.exitCode = isWell ? 0 : 1;
}
