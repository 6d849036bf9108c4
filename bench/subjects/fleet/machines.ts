import postgres from '../../../plugins/postgres/index.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import type { FleetConnection, FleetContext, Holding } from '../../../sdk/plugin/fleet.ts';

/** The machines of a fleet, all in this process. */
export type Fleet = {
  readonly list: () => Promise<unknown>;
  readonly acquire: () => Promise<unknown>;
  readonly renew: (round: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

export async function fleetOf(url: string, count: number, sessions: number): Promise<Fleet> {
  const all = Array.from({ length: count }, (_, index) => machineOf(url, index, sessions));
  const [first] = all;
  if (!first) throw new Error('a fleet has a machine');
  const { lease, directory } = first;
  return {
    list: () => directory.list(),
    acquire: () => lease.acquire(holdingOf(0, 0)),
    async renew(round) {
      const answer = await lease.acquire(holdingOf(0, round));
      if (answer.status !== 'granted') throw new Error(`the lease was not granted: ${answer.status}`);
      const after = { ...holdingOf(0, round), login: `login 0/${round} renewed` };
      await answer.right.settle(after.login);
      lease.hold(after.session, after);
      directory.putSession(sessionOf(round, round));
    },
    close: async () => void (await Promise.all(all.map(machine => machine.close()))),
  };
}

function machineOf(url: string, index: number, sessions: number): FleetConnection {
  const context: FleetContext = {
    log,
    version: '0.0.0',
    instance: `instance ${index}`,
    conceal: silent,
    readSecret: async () => 'a key for the benchmark of a fleet',
  };
  const connection = postgres({ url, keyFile: '/key', machine: `machine-${index}` }).open(context);
  for (let session = 0; session < sessions; session++) {
    connection.directory.putSession(sessionOf(session, 0));
    connection.lease.hold(`session-${session}`, holdingOf(index, session));
  }
  // Before this, nothing is sent.
  connection.lease.onShares(silent);
  return connection;
}

const sessionOf = (index: number, round: number): Session => ({
  id: `session-${index}`,
  displayName: `Session ${index}`,
  provider: 'oauth',
  method: 'redeem',
  state: {
    name: 'alive',
    wakeAt: 1_800_000_000_000 + round,
    wakeWhy: 'before the access token ends',
    expiresAt: 1_800_000_300_000,
  },
  policy: DEFAULT_POLICY,
  lastSuccessAt: 1_790_000_000_000,
  lastRenewedAt: 1_790_000_000_000,
  expiresAt: 1_800_000_300_000,
  nextAttemptAt: 1_800_000_000_000,
});

const holdingOf = (machine: number, session: number): Holding => ({
  session: `session-${session}`,
  login: `login ${machine}/${session}`,
  store: `/home/user/${machine}/${session}.json`,
  isKept: true,
  spent: [],
});
