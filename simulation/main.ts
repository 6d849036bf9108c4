import { parseArgs } from 'node:util';
import { asScript, positive, UsageError, whole } from '../build/usage.ts';
import { counted } from '../sdk/wording/sentence.ts';
import { huntAndReport } from './bugs/report.ts';
import { liveMany, type Wanted } from './many.ts';
import { Product } from './product.ts';
import { RULES } from './rules/rules.ts';
import { endingOf } from './scene/ending.ts';
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
  // Line by line, so that the last one shows where a life hangs.
  const outcome = await live(product, { ...life, ...(isVerbose && { onLine: console.log }) });
  const { broken, happenings, renewals } = outcome;
  const { length } = life.troubles;
  const facts = [counted(days, 'day'), counted(length, 'trouble'), counted(renewals, 'request')].join(', ');
  console.log(`Seed ${seed}: ${facts}, ${counted(happenings, 'step')}.`);
  if (!broken) {
    console.log('No rule was broken.');
    return true;
  }
  console.log(`${broken.rule} is broken. ${RULES[broken.rule]}\n${broken.how}`);
  if (isShrunk) console.log('Looking for a shorter story, which can take minutes. --no-shrink leaves it out.');
  const shown = isShrunk ? await shrink(product, life, outcome) : { ...life, ...outcome };
  // Without shrinking, --verbose has printed it above.
  if (isShrunk || !isVerbose) {
    console.log(`The ${isShrunk ? 'shortest story found' : 'story'} has ${counted(shown.troubles.length, 'trouble')}:`);
    console.log(isVerbose ? shown.story.join('\n') : endingOf(shown));
  }
  console.log(`The same again: npm run simulate -- --seed ${seed} --days ${days}`);
  return false;
}

const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  days: { type: 'string' },
  minutes: { type: 'string' },
  jobs: { type: 'string' },
  verbose: { type: 'boolean' },
  shrink: { type: 'boolean' },
  bug: { type: 'string' },
} as const;

/** Seeds are numbers of 32 bits. */
const MAX_SEED = 2 ** 32 - 1;
/** The story of a life is kept in memory. */
const MAX_DAYS = 3_650;

async function main(): Promise<boolean> {
  const { values } = parseArgs({ allowNegative: true, options: OPTIONS });
  const { seed = '1', seeds = '200', days = '30', minutes, jobs = '2', bug } = values;
  const given = Object.keys(values);
  const refuse = (names: readonly string[], why: string): void => {
    const found = names.find(name => given.includes(name));
    if (found) throw new UsageError(`--${found} ${why}.`);
  };
  if (bug !== undefined) {
    refuse(
      Object.keys(OPTIONS).filter(name => name !== 'bug'),
      'is not for --bug, which has its own seeds',
    );
    return huntAndReport(bug);
  }
  const wanted = {
    seed: whole('seed', seed, MAX_SEED),
    seeds: whole('seeds', seeds, MAX_SEED),
    days: positive('days', days, MAX_DAYS),
  };
  if (given.includes('seed') && !given.includes('seeds')) {
    refuse(['minutes', 'jobs'], 'is for several seeds: use it with --seeds');
    return liveOne(wanted, values.verbose ?? false, values.shrink ?? true);
  }
  refuse(['verbose', 'shrink'], 'is for one seed: use it with --seed alone');
  return liveMany(wanted, {
    minutes: minutes === undefined ? Infinity : positive('minutes', minutes),
    jobs: whole('jobs', jobs),
  });
}

await asScript(USAGE, main);
