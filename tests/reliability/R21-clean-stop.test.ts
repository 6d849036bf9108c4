import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as moment } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { spawnDaemon, startDaemon, temporaryHome, type Daemon } from '../support/daemon/daemon.ts';
import { oauthHome } from '../support/vendors/oauth-home.ts';
import { times } from '../support/runs.ts';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

type End = 'SIGTERM' | 'SIGINT' | 'kernel/stop' | 'SIGKILL';
const CLEAN: readonly End[] = ['SIGTERM', 'SIGTERM', 'SIGINT', 'kernel/stop'];

/** From the request until after its result is saved. */
const SPAN_MS = 60;
const LANES = 2;

const end = ({ child, client }: Daemon, how: End): unknown =>
  how === 'kernel/stop' ? client.request('kernel/stop').catch(() => undefined) : child.kill(how);

const isTooSoon = (error: unknown): boolean => isKeepaliveError(error) && error.code === 'KA_RATE_LIMITED';

/** An account whose vendor pauses between the rotation and its answer. */
async function account(random: () => number) {
  const server = await rotatingServer({ pause: () => moment((random() * SPAN_MS) / 3) });
  const { home, held } = oauthHome(server.url);
  return {
    server,
    held,
    /** Ends a daemon `afterMs` after it, or the vendor, was asked for a renewal. */
    async round(how: End, whose: 'we ask' | 'the vendor is asked', afterMs: number) {
      const daemon = await startDaemon(home);
      const before = server.received.length;
      const ask = async (): Promise<void> => {
        const isOver = await daemon.client.request('session/refresh', { id: 'acme', force: true }).then(
          () => false,
          error => !isTooSoon(error),
        );
        // The request joined a look that was due at the start, or came too soon after the last attempt.
        if (!isOver && whose === 'the vendor is asked' && server.received.length === before) await ask();
      };
      const answer = ask();
      if (whose === 'the vendor is asked')
        await expect.poll(() => server.received.length, { interval: 1, timeout: 60_000 }).toBeGreaterThan(before);
      if (afterMs > 0) await moment(afterMs);
      await end(daemon, how);
      const { code } = await daemon.done;
      await answer;
      return { code, asked: server.received.length - before };
    },
    lastOutcome: () => JSON.parse(readFileSync(join(home, 'states.json'), 'utf8')).sessions.acme.lastAttempt?.outcome,
  };
}

test('R21: a stop during a renewal waits until its result is saved, or the token was never sent', async ({
  annotate,
}) => {
  const rounds = times(6, 200);
  let sent = 0;
  const lane = async (first: number): Promise<void> => {
    const random = seededRandom(first);
    const { server, held, round, lastOutcome } = await account(random);
    for (let nth = first; nth < rounds; nth += LANES) {
      const how = CLEAN[(nth >> 1) % CLEAN.length] ?? 'SIGTERM';
      const [whose, afterMs] =
        nth < LANES
          ? (['the vendor is asked', 0] as const)
          : ([random() < 0.3 ? 'we ask' : 'the vendor is asked', random() * SPAN_MS] as const);
      const { code, asked } = await round(how, whose, afterMs);
      sent += asked;
      expect([nth, how, code, held(), server.isRevoked()]).toEqual([nth, how, 0, server.current(), false]);
      if (asked) expect(lastOutcome()).toBe('refreshed');
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));
  await annotate(
    `${rounds} stops at random moments of a renewal: ${sent} finished and saved, ${rounds - sent} never sent, 0 lost`,
  );
});

test('R21 control: a kill at the same moment leaves a used token in the file', async () => {
  const { server, held, round } = await account(() => 1);
  await round('SIGKILL', 'the vendor is asked', 0);
  expect([held(), server.current()]).toEqual(['refresh-0', 'refresh-1']);
});

test('R21: a stop while the daemon starts waits too, for a session may already be renewed', async () => {
  const server = await rotatingServer({ pause: () => moment(SPAN_MS) });
  const ready = join(temporaryHome(), 'ready');
  const { home, held } = oauthHome(server.url, {
    plugins: [['./hesitant.mjs', { ready }, { isolated: false }]],
    files: { 'hesitant.mjs': SLOW_TO_START },
  });
  const { child, done } = spawnDaemon(home);
  await expect.poll(() => server.received.length, { interval: 1, timeout: 60_000 }).toBe(1);
  child.kill('SIGTERM');
  writeFileSync(ready, '');
  expect([(await done).code, held(), existsSync(join(home, 'endpoint.json'))]).toEqual([0, 'refresh-1', false]);
});

/** A provider that delays the start of the daemon by slowly watching its credential. */
const SLOW_TO_START = `
  import { existsSync } from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  export default ({ ready }) => ({
    kind: 'provider', id: 'hesitant', displayName: 'Hesitant', refresh: async () => ({ status: 'fresh' }),
    async watch() {
      while (!existsSync(ready)) await setTimeout(10);
      return () => {};
    },
  });`;
