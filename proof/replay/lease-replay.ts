import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { LeaseMachine, markOf } from './lease-machine.ts';
import type { LeaseStep } from './lease-trace.ts';
import type { LeaseDatabase } from './lease-wire.ts';
import type { Divergence } from './replay.ts';

/** Three pass until a lease ends. Not a third of it, because the statements count its last moment too. */
const TICK_MS = 31_000;
const NONE = 7;

type Options = {
  /** Different for each trace: it names the login and the machines. */
  readonly name: string;
  /** What a machine sends with. Its `fetch` answers. */
  readonly context: ProviderContext;
  /** The clocks of the machines, by the time of the trace. */
  readonly clock?: ((now: number) => number) | undefined;
};

/** Takes the steps of a trace with the statements of the plugin, and compares the state after each. */
export async function replayLease(
  database: LeaseDatabase,
  steps: readonly LeaseStep[],
  { name, context, clock = now => now }: Options,
): Promise<Divergence | undefined> {
  const names = [0, 1, 2].map(nth => `${name}-${nth}`);
  const machines = names.map(one => new LeaseMachine({ name: one, login: name, database, clock }));
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
      const difference = compare(step, await database.run('look', [markOf(name), names[step.who]]), { rights, names });
      if (difference !== undefined) return differs(difference);
    }
    return undefined;
  } finally {
    for (const machine of machines) await machine.end();
    await database.run('clear', [names]);
  }
}

const HEART: readonly string[] = ['beats', 'hears', 'closes', 'leaves', 'tells'];

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
      return void (await machine.hear());
    case 'asks':
      return void (await machine.ask());
    case 'learns':
      return void (await machine.learn());
    case 'loses':
      return void (await machine.lose());
    case 'tells':
      return void (await machine.tell());
    case 'closes':
      return void (await machine.close());
    case 'leaves':
      return void (await machine.leave());
    case 'ends':
      return void (await machine.end());
    default:
      throw new Error(`The code has no step ${what}.`);
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
