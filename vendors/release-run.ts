import pLimit from 'p-limit';
import type { Release } from '../sdk/vendors/releases.ts';
import { faultsFor } from './faults/index.ts';
import type { Expected, Fault } from './faults/fault.ts';
import { breaches, judge, mayBeChance, type Seen, type Trial } from './judge.ts';
import type { VendorProgram } from './programs/program.ts';
import { tryFault, type Subject } from './trial.ts';
import type { Shared } from './world/world.ts';

export type RunOptions = Shared & {
  /** How many trials run at a time. */
  readonly jobs: number;
  readonly release: string;
  readonly tell: (line: string) => void;
  /** Only faults with this in their names. The result is then not for the table. */
  readonly only?: string | undefined;
};

/** Tries every fault with one release, and judges it. */
export async function runRelease(subject: Subject, options: RunOptions): Promise<Release> {
  const { program, kind } = subject;
  const { release, only = '' } = options;
  const faults = faultsFor(program.parts).filter(({ name }) => name.includes(only));
  const inTurn = pLimit(options.jobs);
  const trials = await Promise.all(faults.map(fault => inTurn(() => trial(subject, fault, options))));
  const { facts, failure } = await measured(subject, options);
  const judged = judge(failure === undefined ? trials : [...trials, failure]);
  return { program: program.name, release, kind, ...judged, ...facts, on: today() };
}

async function measured(subject: Subject, shared: Shared) {
  try {
    return { facts: await subject.program.measure?.(fault => tryFault(subject, fault, shared)) };
  } catch (error) {
    return { failure: { fault: 'the facts', breaches: [], failure: messageOf(error) } };
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');

const today = (): string => new Date().toISOString().slice(0, 10);

/** A trial that throws proves nothing about the release. */
async function trial(subject: Subject, fault: Fault, options: RunOptions): Promise<Trial> {
  try {
    return await judgedTrial(subject, fault, options);
  } catch (error) {
    const failure = messageOf(error);
    options.tell(`???? ${subject.program.name} ${subject.kind}: ${fault.name}: ${failure}`);
    return { fault: fault.name, breaches: [], failure };
  }
}

async function judgedTrial(subject: Subject, fault: Fault, { tell, ...shared }: RunOptions): Promise<Trial> {
  const { program, kind } = subject;
  const expected = expectedOf(program, fault);
  const attempt = async () => {
    const seen = await tryFault(subject, fault, shared);
    return { seen, found: [...breaches(seen, expected), ...withoutEffect(seen, subject, fault)] };
  };
  const first = await attempt();
  const { seen, found } = mayBeChance(first.found) ? await attempt() : first;
  const outcomes = [...seen.during.outcomes, seen.after.outcome].join(', then ');
  tell(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${program.name} ${kind}: ${fault.name}: ${outcomes}`);
  for (const breach of found) tell(`       ${breach}`);
  return { fault: fault.name, breaches: found };
}

const expectedOf = ({ beside, expects }: VendorProgram, { name, expects: usual }: Fault): Expected =>
  expects?.[name] ?? (beside ? 'watched' : usual);

/**
 * Without a fault, a program that renews must do so, and not only find that it was done. One that is only watched must
 * not be changed.
 */
function withoutEffect({ during, after }: Seen, { program }: Subject, { name }: Fault): readonly string[] {
  if (program.success === 'fresh' && (during.isChanged || after.isChanged)) return ['the store was changed'];
  if (name !== 'no fault') return [];
  if (during.accepted === false) return ['the program did not accept the login'];
  const [outcome = 'none'] = during.outcomes;
  return outcome === program.success ? [] : [`nothing was renewed, and the outcome was ${outcome}`];
}
