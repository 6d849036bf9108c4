import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Attempt } from '../../sdk/contract/session.ts';
import { PLUGIN, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { FAKETIME, falseClock } from '../support/clock/false-clock.ts';
import { IS_TORTURE } from '../support/runs.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

const HOUR = 3_600_000;
const FIRST_WITHIN_MS = 5_000;

test.skipIf(!FAKETIME)(
  'R10: after a day of sleep a daemon attempts each session once (needs Debian’s libfaketime)',
  async ({ annotate }) => {
    const server = await rotatingServer();
    const acme = {
      id: 'acme',
      file: '~/token.json',
      tokenEndpoint: server.url,
      clientId: 'client',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    };
    const home = temporaryHome({
      'mine.mjs': PLUGIN,
      'token.json': '{"access_token":"access-0","refresh_token":"refresh-0","expires_at":1}',
      'keepalive.config.mjs': `export default {
      plugins: [['oauth', ${JSON.stringify(acme)}], ['./mine.mjs', { life: ${90 * 24 * HOUR} }]],
      sessions: { mine: { schedule: { mode: 'interval', every: '1h' } } },
    };`,
    });
    const clock = falseClock(home);
    const daemon = await startDaemon(home, { env: clock.env });
    for (const id of ['acme', 'mine']) await untilSession(daemon, id, ({ state }) => state.name === 'alive');

    const late: number[] = [];
    let woken = Infinity;
    daemon.client.on('session/didAttempt', ({ startedAt }) => void late.push(startedAt - woken));
    daemon.child.kill('SIGSTOP');
    clock.set('+24h');
    woken = Date.now() + 24 * HOUR;
    daemon.child.kill('SIGCONT');
    await vi.waitFor(() => expect(late.length).toBeGreaterThanOrEqual(2), { timeout: 25_000 });

    const attempts: readonly Attempt[] = await daemon.client.request('session/history', {});
    expect(attempts.map(({ id, reason, outcome }) => `${id} ${reason} ${outcome}`).toSorted()).toEqual([
      'acme schedule refreshed',
      'acme wake refreshed',
      'mine schedule refreshed',
      'mine wake refreshed',
    ]);
    const first = Math.min(...late);
    expect(first).toBeGreaterThan(0);
    // Only full runs, on a mostly idle machine, assert a time.
    if (IS_TORTURE) expect(first).toBeLessThanOrEqual(FIRST_WITHIN_MS);
    for (const { nextAttemptAt = 0, state } of await daemon.client.request('session/list')) {
      expect(state.name).toBe('alive');
      expect(nextAttemptAt).toBeGreaterThan(Date.now() + 24 * HOUR + HOUR / 2);
    }
    expect(server.received).toHaveLength(2);
    expect(JSON.parse(await readFile(join(home, 'token.json'), 'utf8'))).toMatchObject({
      refresh_token: server.current(),
    });
    await annotate(`a real daemon, 24 hours: 1 catch-up each, the first after ${(first / 1_000).toFixed(1)} s`);
  },
);
