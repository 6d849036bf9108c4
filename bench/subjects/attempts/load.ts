import { join } from 'node:path';
import { connect, type KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Attempt } from '../../../sdk/contract/session.ts';
import { startConfigured, type Daemon } from '../../measure/daemon.ts';

/** What a configuration of always busy sessions says. */
export type Load = {
  readonly sessions: number;
  readonly concurrency: number;
  /** Providers append each call to the file `asked` in the home. */
  readonly notesCalls?: boolean;
};

/**
 * Sessions that are due again as soon as a policy allows, and answered at once. Of 1,000 sessions, 10,000 are due each
 * second, which is more than a daemon can do. Most are renewed or fresh. One in twenty fails every second time. Of
 * another twentieth, the login ends soon every second time, so a notice is raised and cleared.
 */
export const configuration = ({ sessions, concurrency, notesCalls = false }: Load): string => `
  import { openSync, writeSync } from 'node:fs';
  const asked = ${notesCalls} ? openSync(new URL('asked', import.meta.url), 'a') : undefined;
  const DAY_MS = 86_400_000;
  const policy = {
    minInterval: '100ms',
    schedule: { mode: 'interval', every: '100ms' },
    backoff: { initial: '100ms', factor: 1, max: '100ms' },
    maxFailures: 1_000,
  };
  const session = index => {
    let calls = 0;
    return {
      kind: 'provider', id: 'session-' + index, displayName: 'Session ' + index, policy,
      refresh: async ({ now }) => {
        const isOdd = calls++ % 2 === 1;
        if (asked !== undefined) writeSync(asked, 'session-' + index + ' ' + now() + '\\n');
        if (index % 20 === 0 && isOdd) throw new Error('The vendor did not answer.');
        const loginExpiresAt = new Date(now() + (index % 20 === 1 && isOdd ? 2 : 365) * DAY_MS);
        const expiresAt = new Date(now() + 3_600_000);
        return { status: isOdd ? 'fresh' : 'refreshed', expiresAt, loginExpiresAt, method: 'redeem' };
      },
    };
  };
  export default {
    concurrency: ${concurrency},
    plugins: Array.from({ length: ${sessions} }, (_, index) => session(index)),
  };
`;

export type Busy = {
  readonly daemon: Daemon;
  /** What a client got so far. */
  readonly announced: () => number;
  readonly clients: readonly KeepaliveClient[];
  readonly close: () => void;
};

/** Starts a daemon that makes attempts as fast as it can, with clients that get every notification. */
export async function startBusy(
  load: Load & { readonly dist: string; readonly clients: number },
  onAttempt: (attempt: Attempt) => void = () => undefined,
): Promise<Busy> {
  const daemon = await startConfigured(configuration(load), load.dist);
  const { sessions } = await daemon.client.request('kernel/info');
  if (sessions !== load.sessions) throw new Error(`The daemon has ${sessions} of ${load.sessions} sessions.`);
  let announced = 0;
  daemon.client.on('session/didAttempt', attempt => {
    announced += 1;
    onAttempt(attempt);
  });
  const more = Array.from({ length: load.clients - 1 }, () =>
    connect({ endpointFile: join(daemon.home, 'endpoint.json') }),
  );
  const clients = [daemon.client, ...(await Promise.all(more))];
  return { daemon, clients, announced: () => announced, close: () => clients.forEach(client => client.close()) };
}
