import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { LeaseMachine, type CountFrom, type LeaseDatabase } from './lease-machine.ts';
import type { LeaseStep } from './lease-trace.ts';
import type { Divergence } from './replay.ts';

/** Three pass until a lease ends. Not a third of it, because the statements count its last moment too. */
const TICK_MS = 31_000;
const NONE = 7;

type Options = {
  /** Different for each trace: it names the login and the machines. */
  readonly name: string;
  /** What a machine sends with. Its `fetch` answers. */
  readonly context: ProviderContext;
  readonly countFrom?: CountFrom | undefined;
};

/** Takes the steps of a trace with the statements of the plugin, and compares the state after each. */
export async function replayLease(
  database: LeaseDatabase,
  steps: readonly LeaseStep[],
  { name, context, countFrom = sentAt => sentAt }: Options,
): Promise<Divergence | undefined> {
  const names = [0, 1, 2].map(nth => `${name}-${nth}`);
  const machines = names.map(one => new LeaseMachine(one, name, database, countFrom));
  const taken: string[] = [];
  const differs = (difference: string): Divergence => ({ step: taken.length, taken, difference });
  try {
    for (const step of steps) {
      taken.push(`${step.who} ${step.what}`);
      const machine = machines[step.who];
      if (!machine) return differs('there is no such machine');
      if (step.what === 'ticks') database.now += TICK_MS;
      else if ((await take(machine, step.what, context)) !== DOES[step.what]) return differs('the answer');
      if (['idle', 'done'].includes(step.at) && step.what !== 'ticks' && !HEART.includes(step.what)) machine.rest();
      const rights = machines.map(({ hasRight }) => Number(hasRight)).join('');
      const difference = compare(step, await database.run('look', [name, names[step.who]]), { rights, names });
      if (difference !== undefined) return differs(difference);
    }
    return undefined;
  } finally {
    for (const machine of machines) machine.end();
  }
}

const HEART: readonly string[] = ['beats', 'hears'];

/** What the code says to a step that the database or the clock decides. */
const DOES: Readonly<Record<string, boolean>> = {
  takes: true,
  refuses: false,
  sends: true,
  stops: false,
  records: true,
  recordsnot: false,
};

async function take(machine: LeaseMachine, what: string, context: ProviderContext): Promise<boolean | undefined> {
  switch (what) {
    case 'takes':
    case 'refuses':
      return machine.take();
    case 'sends':
    case 'stops':
      return machine.send(context);
    case 'records':
    case 'recordsnot':
      return machine.settle();
    case 'beats':
      return void (await machine.beat());
    case 'hears':
      return machine.hear() ?? undefined;
    case 'asks':
      return machine.ask() ?? undefined;
    case 'learns':
      return machine.learn() ?? undefined;
    case 'ends':
      return machine.end() ?? undefined;
    default:
      // Its answer was lost.
      return undefined;
  }
}

function compare(
  { holder, epoch, isSpent, isAlive, rights }: LeaseStep,
  row: Record<string, unknown>,
  code: { readonly rights: string; readonly names: readonly string[] },
): string | undefined {
  const owner = code.names.indexOf(String(row['holder']));
  const found: (readonly [string, unknown, unknown])[] = [
    ['the holder', holder, owner === -1 ? NONE : owner],
    ['the epoch', epoch, Number(row['epoch'] ?? 0)],
    ['what is recorded', isSpent, row['spent'] ?? false],
    ['who is alive', isAlive, row['alive'] ?? false],
    ['the rights', rights, code.rights],
  ];
  const [different] = found.filter(([, model, real]) => model !== real);
  return different && `${different[0]}: the model has ${different[1]}, the code ${different[2]}`;
}
