import { parseArgs } from 'node:util';
import { asScript, positive, UsageError, whole } from '../build/usage.ts';
import { counted } from '../sdk/wording/sentence.ts';
import { huntAndReport } from './bugs/report.ts';
import { liveMany, type Wanted } from './many.ts';
import { Product } from './product.ts';
import { RULES } from './rules/rules.ts';
import { live } from './scene/life.ts';
import { shrink } from './scene/shrink.ts';
import { troublesOf } from './scene/trouble.ts';

const USAGE = `npm run simulate -- OPTIONS

  --seed N              simulates one seed, and prints a short story if a rule is broken
  --seeds N             simulates N seeds, beginning with --seed [200]
  --days N              simulated days per seed [30]
  --minutes N           stops after N minutes [no limit]
  --jobs N              processes [2]
  --verbose             prints everything that happens in one seed, with --seed alone
  --no-shrink           does not look for a shorter story
  --bug NAME|all        plants bugs, and checks that the rule that each names finds it`;

/** Simulates one seed, and prints which rule was broken. Returns whether all held. */
async function liveOne({ seed, days }: Wanted, isVerbose: boolean, isShrunk: boolean): Promise<boolean> {
  const product = await Product.pack();
  const life = { seed, days, troubles: troublesOf(seed, days) };
  const outcome = await live(product, life);
  const { broken, story, happenings, renewals } = outcome;
  if (isVerbose) console.log(story.join('\n'));
  const { length } = life.troubles;
  const facts = [counted(days, 'day'), counted(length, 'trouble'), counted(renewals, 'request')].join(', ');
  console.log(`Seed ${seed}: ${facts}, ${counted(happenings, 'step')}.`);
  if (!broken) {
    console.log('No rule was broken.');
    return true;
  }
  console.log(`${broken.rule} is broken. ${RULES[broken.rule]}\n${broken.how}`);
  if (!isShrunk) return false;
  console.log('Looking for a shorter story, which can take minutes. --no-shrink leaves it out.');
  const shrunk = await shrink(product, life, outcome);
  console.log(`The shortest story found has ${counted(shrunk.troubles.length, 'trouble')}. It ends:`);
  console.log(shrunk.story.slice(-40).join('\n'));
  return false;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      days: { type: 'string', default: '30' },
      minutes: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      verbose: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: true },
      bug: { type: 'string' },
    },
  });
  const { seed = '1', seeds = '200', days, minutes, jobs } = values;
  const wanted = { seed: whole('seed', seed), seeds: whole('seeds', seeds), days: positive('days', days) };
  const limits = {
    minutes: minutes === undefined ? Infinity : positive('minutes', minutes),
    jobs: whole('jobs', jobs),
  };
  if (values.bug !== undefined) return huntAndReport(values.bug);
  const isOne = values.seed !== undefined && values.seeds === undefined;
  if (values.verbose && !isOne) throw new UsageError('--verbose prints one seed: use it with --seed alone.');
  return isOne ? liveOne(wanted, values.verbose, values.shrink) : liveMany(wanted, limits);
}

await asScript(USAGE, main);
