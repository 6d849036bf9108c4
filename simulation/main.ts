import { parseArgs } from 'node:util';
import { huntAndReport } from './bugs/report.ts';
import { Product } from './product.ts';
import { RULES } from './rules/rules.ts';
import { live } from './scene/life.ts';
import { shrink } from './scene/shrink.ts';
import { troublesOf } from './scene/trouble.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    days: { type: 'string', default: '30' },
    verbose: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
    bug: { type: 'string' },
  },
});
if (values.bug !== undefined) process.exit((await huntAndReport(values.bug)) ? 0 : 1);
const first = Number(values.seed ?? 1);
const days = Number(values.days);
const product = await Product.pack();
const cpu = () => process.cpuUsage().user / 1_000;
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const began = cpu();
  const troubles = troublesOf(seed, days);
  const life = { seed, days, troubles };
  const outcome = await live(product, life);
  const { broken, story, happenings, renewals } = outcome;
  if (values.verbose) console.log(story.join('\n'));
  console.log(
    `seed ${seed}: ${days} days, ${troubles.length} troubles, ${renewals} renewals, ${happenings} happenings, ${Math.round(cpu() - began)} ms`,
  );
  if (broken) {
    console.log(`BROKEN ${broken.rule}: ${RULES[broken.rule]}\n${broken.how}`);
    process.exitCode = 1;
    if (!values.shrink) continue;
    const shrunk = await shrink(product, life, outcome);
    console.log(`It takes ${shrunk.troubles.length} troubles:`);
    console.log(shrunk.story.slice(-40).join('\n'));
  }
}
