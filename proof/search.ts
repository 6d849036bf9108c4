import { copyFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Guarantee } from './guarantees.ts';
import { run } from './spin.ts';

export type Result = {
  readonly isViolated: boolean;
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
};

/** What is searched: one guarantee, or several of a model that are looked at in the same states. */
export type Claim = Pick<Guarantee, 'model' | 'name' | 'isProgress' | 'bounds'> & {
  readonly together?: readonly string[];
  /** The precaution that is taken out. */
  readonly revert?: string | undefined;
};

/** The most steps that a search may be deep. It fails if it gets there. */
const DEEPEST = 2_000_000;

/** Searches all states of a model for a violation of the claim, and stops at the first one. */
export function search(folder: string, claim: Claim): Result {
  const { model, name, isProgress = false, together } = claim;
  const copy = join(folder, 'model.pml');
  copyFileSync(join(import.meta.dirname, `${model}.pml`), copy);
  if (together) appendFileSync(copy, `ltl ${name} { [] (${together.map(one => one.toUpperCase()).join(' && ')}) }\n`);
  run('spin', ['-a', ...definitionsOf(claim), 'model.pml'], folder);
  // Without reduction, so that its conditions need no proof. Compiling takes as long as searching.
  const kind = isProgress ? ['-DNFAIR=8'] : ['-DSAFETY'];
  run('gcc', ['-O1', '-DNOREDUCE', ...kind, '-o', 'pan', 'pan.c'], folder);
  const how = isProgress ? ['-a', '-f'] : [];
  return resultOf(run('./pan', [`-m${DEEPEST}`, '-w22', ...how, '-N', name], folder), claim);
}

/** What the model is compiled with. */
export const definitionsOf = ({ bounds, revert }: Pick<Claim, 'bounds' | 'revert'>): readonly string[] => [
  ...Object.entries(bounds).map(([name, value]) => `-D${name}=${value}`),
  ...(revert === undefined ? [] : [`-D${revert}`]),
];

const INCOMPLETE = /max search depth too small|out of memory|hash-compact|bit ?state|Search not completed/i;

function resultOf(report: string, { name, isProgress = false }: Claim): Result {
  const wrong = (what: string) => new Error(`${what}:\n${report}`);
  const number = (pattern: RegExp) => {
    const [, found] = pattern.exec(report) ?? [];
    if (found === undefined) throw wrong('pan reports something unknown');
    return Number(found);
  };
  const isViolated = number(/errors: (\d+)/) > 0;
  // A search that has found something ends there.
  if (!isViolated && INCOMPLETE.test(report)) throw wrong('The search is not complete');
  if (!new RegExp(`never claim\\s+\\+ \\(${name}\\)`).test(report)) throw wrong(`${name} was not searched`);
  // The models have no assertions, so that the one which fails is that of the claim. A run-time error is another line.
  const expected = isProgress ? /^pan:\d+: acceptance cycle/ : /^pan:\d+: assertion violated\s+!\(/;
  const said = report.split('\n').filter(line => /^pan:\d+: /.test(line));
  if (isViolated ? said.length === 0 || !said.every(line => expected.test(line)) : said.length > 0)
    throw wrong(`It is not ${name} that fails`);
  return {
    isViolated,
    states: number(/([\d.e+]+) states, stored/),
    depth: number(/depth reached (\d+)/),
    seconds: number(/elapsed time ([\d.]+) seconds/),
  };
}
