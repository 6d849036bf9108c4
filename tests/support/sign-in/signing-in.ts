import type { LoginState, StartedLogin } from '../../../sdk/contract/rpc.ts';
import type { Inspection, RefreshOutcome } from '../../../sdk/contract/outcome.ts';
import type { PartialPolicy } from '../../../sdk/contract/policy.ts';
import type { SignIn } from '../../../sdk/plugin/sign-in.ts';
import { ConnectedClient } from '../../../server/client.ts';
import { channelPair } from '../../../server/channel-pair.ts';
import { isRecord } from '../../../sdk/base/json.ts';
import { Simulation, type Cast } from '../clock/simulation.ts';

export const ADDRESS = 'https://vendor.example/sign-in?state=secret';
const HOUR = 3_600_000;

/** What a store holds. An attempt with it has that outcome. */
export type Held = { readonly login?: string; readonly account?: string; readonly outcome?: RefreshOutcome };

export const DEAD: Held = { login: 'old', account: 'a', outcome: { status: 'login-required', hint: 'h', proof: 'p' } };
export const GOOD: Held = { login: 'new', account: 'a', outcome: { status: 'fresh' } };

const inspectionOf = ({ login, account }: Held): Inspection =>
  login === undefined
    ? { present: false, hint: 'Run `acme login`.' }
    : {
        present: true,
        store: '/acme/login.json',
        fingerprint: login,
        account,
        accountLabel: account && `${account}…@example.com`,
        renew: 'Run it.',
      };

type Given = {
  readonly held?: Held;
  readonly run?: SignIn['run'];
  readonly inspect?: () => Promise<Inspection>;
  readonly policy?: PartialPolicy;
  readonly cast?: Cast;
};

/** A session in simulated time whose store a test can change, and clients that sign in to it. */
export async function signingIn({ held = DEAD, run, inspect, policy = {}, cast = {} }: Given) {
  const store = { held, attempts: 0 };
  const world = new Simulation({
    acme: {
      policy: { schedule: { mode: 'interval', every: '1h' }, jitter: 0, ...policy },
      inspect: inspect ?? (async () => inspectionOf(store.held)),
      refresh: () => {
        store.attempts += 1;
        return store.held.outcome;
      },
      ...(run && {
        signIn: {
          account: 'Acme account',
          hosts: ['vendor.example'],
          steps: { here: ['code'], device: ['open'] },
          run,
        },
      }),
    },
    ...cast,
  });
  await world.boot();
  await world.run('1m');
  return { world, store, state: () => world.keeper('acme').record.state, client: () => clientOf(world) };
}

/** A client with one connection; `page`: a settings page, which may connect again. */
export function clientOf(world: Simulation, kind: 'client' | 'page' = 'client') {
  const states: LoginState[] = [];
  const client = new ConnectedClient('full', kind === 'page');
  const connect = () => {
    const [mine, theirs] = channelPair();
    mine.onMessage(message => {
      if (isRecord(message) && isRecord(message['params'])) states.push(message['params']['state'] as LoginState);
    });
    client.join(theirs);
    return mine;
  };
  const connection = connect();
  return {
    states,
    rpc: client,
    connect,
    disconnect: () => void connection.close(),
    leave: () => client.leave(),
    last: () => states.at(-1),
    names: () => states.map(({ name }) => name),
    async start(device = false): Promise<StartedLogin> {
      const started = await world.signIns.start({ id: 'acme', device }, client);
      await world.run('0s');
      return started;
    },
    async answer(login: string, text: string): Promise<void> {
      world.signIns.answer({ login, text }, client);
      await world.run('0s');
    },
    async cancel(login: string): Promise<void> {
      world.signIns.cancel({ login }, client);
      await world.run('0s');
    },
  };
}

export { HOUR };
