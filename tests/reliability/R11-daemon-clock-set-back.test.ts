import { expect, test, vi } from 'vitest';
import { PLUGIN, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { FAKETIME, falseClock } from '../support/clock/false-clock.ts';

const HOUR = 3_600_000;

test.skipIf(!FAKETIME)(
  'R11: a daemon continues its sessions after its clock is set back by a day (needs Debian’s libfaketime)',
  async ({ annotate }) => {
    const home = temporaryHome({
      'mine.mjs': PLUGIN,
      'keepalive.config.mjs': `export default {
      plugins: ['often', 'hourly', 'busy'].map(id => [
          './mine.mjs',
          { id, life: ${90 * 24 * HOUR}, answer: id === 'busy' ? { status: 'deferred', reason: 'busy' } : undefined },
        ]),
      policy: { jitter: 0 },
      sessions: {
          often: { schedule: { mode: 'interval', every: '3s' }, minInterval: '1s' },
          hourly: { schedule: { mode: 'interval', every: '1h' } },
        },
    };`,
    });
    const clock = falseClock(home);
    const daemon = await startDaemon(home, { env: clock.env });
    const { client } = daemon;
    for (const id of ['often', 'hourly']) await untilSession(daemon, id, ({ state }) => state.name === 'alive');
    await untilSession(daemon, 'busy', ({ state }) => state.name === 'waiting');

    const late: number[] = [];
    const setAt = performance.now();
    client.on(
      'session/didAttempt',
      ({ id, startedAt }) =>
        void (id === 'often' && startedAt < Date.now() - 23 * HOUR && late.push(performance.now() - setAt)),
    );
    clock.set('-24h');
    await vi.waitFor(() => expect(late.length).toBeGreaterThanOrEqual(2), { timeout: 25_000 });

    const now = Date.now() - 24 * HOUR;
    const next = Object.fromEntries(
      (await client.request('session/list')).map(({ id, nextAttemptAt = Infinity, state }) => [
        id,
        { name: state.name, minutes: (nextAttemptAt - now) / 60_000 },
      ]),
    );
    expect(next).toMatchObject({
      often: { name: expect.stringMatching(/alive|refreshing/) },
      hourly: { name: 'alive' },
      busy: { name: 'waiting' },
    });
    expect(next['hourly']?.minutes).toBeLessThanOrEqual(60);
    expect(next['busy']?.minutes).toBeLessThanOrEqual(2);
    await annotate(
      `a real daemon, set back by 24 hours: a session of every 3 s is attempted after ${late
        .slice(0, 2)
        .map(ms => (ms / 1_000).toFixed(1))
        .join(' and ')} s`,
    );
  },
);
