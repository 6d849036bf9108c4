import type { Release } from '../sdk/vendors/releases.ts';
import { faultsFor } from './faults/index.ts';
import type { Fault } from './faults/fault.ts';
import { breaches, judge, mayBeChance, type Seen, type Trial } from './judge.ts';
import { tryFault, type Subject } from './trial.ts';
import type { Authorities } from './world/authority.ts';

export type RunOptions = {
  readonly certificates: Authorities;
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
  const { certificates, release, only = '' } = options;
  const faults = faultsFor(program.parts).filter(({ name }) => name.includes(only));
  const trials = await inParallel(faults, options.jobs, fault => trial(subject, fault, options));
  const facts = await program.measure?.(fault => tryFault(subject, fault, certificates));
  return { program: program.name, release, kind, ...judge(trials), ...facts, on: today() };
}

const today = (): string => new Date().toISOString().slice(0, 10);

async function trial(subject: Subject, fault: Fault, { certificates, tell }: RunOptions): Promise<Trial> {
  const { program, kind } = subject;
  const expected = program.expects?.[fault.name] ?? fault.expects;
  const attempt = async () => {
    const seen = await tryFault(subject, fault, certificates);
    return { seen, found: [...breaches(seen, expected), ...withoutEffect(seen, subject, fault)] };
  };
  const first = await attempt();
  const { seen, found } = mayBeChance(first.found) ? await attempt() : first;
  const outcomes = [...seen.during.outcomes, seen.after.outcome].join(', then ');
  tell(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${program.name} ${kind}: ${fault.name}: ${outcomes}`);
  for (const breach of found) tell(`       ${breach}`);
  return { fault: fault.name, breaches: found };
}

/** Without a fault, a program that renews must do so, and not only find that it was done. */
function withoutEffect({ during }: Seen, { program }: Subject, { name }: Fault): readonly string[] {
  const [outcome = 'none'] = during.outcomes;
  return name !== 'no fault' || outcome === program.success
    ? []
    : [`nothing was renewed, and the outcome was ${outcome}`];
}

async function inParallel<T, R>(items: readonly T[], jobs: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}
