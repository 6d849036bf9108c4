import 'reflect-metadata';
import { asScript, known, UsageError, whole } from '../build/usage.ts';
import { GUARANTEES, THREE_MACHINES, type Guarantee } from './guarantees.ts';
import { record } from './record.ts';
import { replayLeases, replayRedeem } from './replay-new.ts';
import { definitionsOf, search, type Claim } from './search.ts';
import { inFolder, isInstalled, run } from './spin.ts';

// Checks each guarantee in all states of the model, and that each revert breaks the guarantee that it is for.

const row = (...cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, nth) => (nth < 3 ? String(cell).padEnd(26) : String(cell).padStart(10))).join(' '));

/** Returns whether the result is the one that is expected. */
function check(folder: string, claim: Claim, title = claim.name): boolean {
  const { isViolated, states, depth, seconds } = search(folder, claim);
  const isRight = isViolated === (claim.revert !== undefined);
  const result = `${isViolated ? 'is violated' : 'holds'}${isRight ? '' : ': WRONG'}`;
  row(title, claim.revert ?? '', result, states, depth, seconds);
  return isRight;
}

const MODELS: readonly Guarantee['model'][] = ['redeem', 'lease'];

/** What holds in each state is searched at once, what happens in the end one after the other. */
function claims(): readonly Claim[] {
  const always = GUARANTEES.filter(({ isProgress }) => !isProgress);
  return [
    ...MODELS.flatMap(model => {
      const [first, ...others] = always.filter(guarantee => guarantee.model === model);
      const together = first && { ...first, name: 'together', together: [first, ...others].map(({ name }) => name) };
      return together ? [together, ...(model === 'lease' ? [{ ...together, bounds: THREE_MACHINES }] : [])] : [];
    }),
    ...GUARANTEES.filter(({ isProgress }) => isProgress),
    ...GUARANTEES.flatMap(guarantee => guarantee.reverts.map(revert => ({ ...guarantee, revert }))),
  ];
}

function checkAll(folder: string): boolean {
  row('guarantee', 'revert', 'result', 'states', 'depth', 'seconds');
  const results = claims().map(claim => {
    const { together = [] } = claim;
    if (claim.bounds !== THREE_MACHINES) for (const name of together.slice(0, -1)) row(name, '', 'with the next');
    return check(folder, claim, claim.bounds === THREE_MACHINES ? 'the same, three machines' : together.at(-1));
  });
  return results.every(isRight => isRight);
}

/** Prints the steps to the violation of a guarantee, as the model takes them. */
function counterexample(folder: string, name: string, revert: string | undefined): boolean {
  const names = GUARANTEES.map(one => one.name);
  const guarantee = GUARANTEES.find(one => one.name === known('guarantee', name, names));
  if (!guarantee) return false;
  if (revert !== undefined && !guarantee.reverts.includes(revert))
    throw new UsageError(`${name} has no revert ${revert}. It has: ${guarantee.reverts.join(', ')}.`);
  const claim = { ...guarantee, revert };
  const { isViolated } = search(folder, claim);
  if (!isViolated) {
    console.log(`${name} holds.`);
    return revert === undefined;
  }
  const printed = run('spin', ['-t', ...definitionsOf(claim), 'model.pml'], folder);
  const steps = printed.split('\n').filter(line => /@ |START OF CYCLE/.test(line));
  console.log(steps.map(line => line.trim().replace(/^@ /, '')).join('\n'));
  console.log(`Here ${name} is violated. Each line is a step: who does what, and what is so after it.`);
  return revert !== undefined;
}

const USAGE = `npm run proof -- [GUARANTEE [REVERT] | --replay MODEL N [SEED] | --record N]

  (nothing)             checks all guarantees and all reverts
  GUARANTEE             checks one guarantee
  GUARANTEE REVERT      prints a way to its violation
  --replay MODEL N      replays N new traces of redeem or lease on the code; a seed gives them again
  --record N            records the traces of the tests again`;

/** Calls of files in memory are short: handing them to one thread takes less than to several. */
async function replay(name: string, count: number, given: string | undefined): Promise<boolean> {
  process.env['UV_THREADPOOL_SIZE'] ??= '1';
  const run = known('model', name, MODELS) === 'lease' ? replayLeases : replayRedeem;
  const seed = given === undefined ? Math.ceil(Math.random() * 1e6) + 1_000 : whole('replay MODEL N SEED', given);
  console.log(`Seed ${seed}`);
  return (await run(count, seed)) === 0;
}

/** Returns whether all is as it should be. */
async function main(): Promise<boolean> {
  const given = process.argv.slice(2);
  const [first, second = '', third = '', fourth] = given;
  if (given.length > (first === '--replay' ? 4 : 2)) throw new UsageError('There are too many arguments.');
  if (first?.startsWith('-') && !['--replay', '--record'].includes(first))
    throw new UsageError(`Unknown option '${first}'`);
  if (!isInstalled()) {
    console.error('This needs spin and gcc: apt-get install spin gcc');
    return false;
  }
  if (first === '--replay') return replay(second, whole('replay MODEL N', third), fourth);
  if (first === '--record') {
    for (const file of record(whole('record N', second))) console.log(`${file} was written.`);
    return true;
  }
  return inFolder(folder =>
    first === undefined ? checkAll(folder) : counterexample(folder, first, second || undefined),
  );
}

await asScript(USAGE, main);
