import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mean, median } from './statistics.ts';

export type Command = { readonly program: string; readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv };

/** What one run of a program costs, from its start to its end. */
export type Run = {
  /** The median of the runs. */
  readonly ms: number;
  /** User and system time, also of its child processes: the mean, because it comes in steps of 10 ms. */
  readonly processorMs: number;
};

/** Runs each program to its end, all in turn and again, so that a busy moment of the machine meets all of them. */
export async function runInTurn<Name extends string>(
  commands: Readonly<Record<Name, Command>>,
  rounds: number,
): Promise<Readonly<Record<Name, Run>>> {
  const names = Object.keys(commands) as Name[];
  const runs = new Map(names.map(name => [name, [] as Run[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const run = await runOnce(commands[name]);
      // The first round fills the caches of the system.
      if (round > 0) runs.get(name)?.push(run);
    }
  }
  const summaries = [...runs].map(([name, measured]) => [name, summaryOf(measured)]);
  return Object.fromEntries(summaries) as Record<Name, Run>;
}

const summaryOf = (runs: readonly Run[]): Run => ({
  ms: median(runs.map(({ ms }) => ms)),
  processorMs: mean(runs.map(({ processorMs }) => processorMs)),
});

async function runOnce({ program, args, env = process.env }: Command): Promise<Run> {
  const before = endedChildrenMs();
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
  return { ms: performance.now() - started, processorMs: endedChildrenMs() - before };
}

/** The processor time of all child processes that have ended. NaN on systems other than Linux. */
function endedChildrenMs(): number {
  if (process.platform !== 'linux') return NaN;
  const [user, system] = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ').slice(13, 15) ?? [];
  return (Number(user) + Number(system)) * 10;
}
