import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { NO_PROMETHEUS, startPrometheus } from '../support/prometheus.ts';

/** One session that is alive, one that needs a login, and one that fails at every attempt. */
const configuration = (options: object) => `
  const session = (id, refresh) => ({ kind: 'provider', id, displayName: id, refresh });
  export default {
    policy: { minInterval: '100ms', backoff: { initial: '100ms', factor: 1, max: '100ms' } },
    plugins: [
      ['metrics', ${JSON.stringify(options)}],
      session('alive', async ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + 3_600_000) })),
      session('dead', async () => ({ status: 'login-required', hint: 'Sign in.', proof: 'It was revoked.' })),
      session('failing', async () => { throw new Error('no'); }),
    ],
  };`;

const homeWith = (options: object): string => temporaryHome({ 'keepalive.config.mjs': configuration(options) });

/** The address of the listener, from the log. */
async function metricsOf(home: string): Promise<URL> {
  const logged = () => /"url":"([^"]+\/metrics)"/.exec(readFileSync(join(home, 'keepalived.log'), 'utf8'))?.[1];
  await expect.poll(logged, { timeout: 20_000 }).toBeDefined();
  return new URL(logged() ?? '');
}

const scrape = async (home: string, url: URL): Promise<string> => {
  const token = readFileSync(join(home, 'metrics.token'), 'utf8').trim();
  return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
};

test('a daemon serves the metrics of its sessions, with one token across restarts', { timeout: 120_000 }, async () => {
  const home = homeWith({ port: 0 });
  const first = await startDaemon(home);
  await untilSession(first, 'dead', ({ state }) => state.name === 'halted');
  await untilSession(first, 'alive', ({ state }) => state.name === 'alive');
  const url = await metricsOf(home);
  expect((await fetch(url)).status).toBe(401);
  await expect
    .poll(() => scrape(home, url), { timeout: 20_000 })
    .toContain('keepalive_session_reason{session="dead",reason="login-required"} 1\n');
  const text = await scrape(home, url);
  expect(text).toContain('keepalive_session_info{session="alive",provider="(inline)",method="auto"} 1\n');
  expect(text).toContain('keepalive_session_state{session="alive",state="alive"} 1\n');
  expect(text).toContain('keepalive_clients 2\n');
  const token = readFileSync(join(home, 'metrics.token'), 'utf8');
  await first.client.request('kernel/stop');
  await first.done;
  await startDaemon(home);
  await metricsOf(home);
  expect(readFileSync(join(home, 'metrics.token'), 'utf8')).toBe(token);
});

test('a port that is taken does not affect the daemon', { timeout: 60_000 }, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const home = homeWith({ port });
  const daemon = await startDaemon(home);
  await untilSession(daemon, 'alive', ({ state }) => state.name === 'alive');
  const log = () => readFileSync(join(home, 'keepalived.log'), 'utf8');
  await expect.poll(log, { timeout: 20_000 }).toContain(`"port":${port},"reason":"EADDRINUSE","action":"Give`);
});

test('the file is there while the daemon runs', { timeout: 60_000 }, async () => {
  const home = homeWith({ textfile: '~/keepalive.prom' });
  const { client, done } = await startDaemon(home);
  const file = join(home, 'keepalive.prom');
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('keepalive_build_info');
  expect(existsSync(join(home, 'metrics.token'))).toBe(false);
  await client.request('kernel/stop');
  await done;
  expect(existsSync(file)).toBe(false);
});

describe.skipIf(NO_PROMETHEUS)(`Prometheus${NO_PROMETHEUS ? ` (skipped: ${NO_PROMETHEUS})` : ''}`, () => {
  test('scrapes a daemon, and alerts to a login and to failures', { timeout: 120_000 }, async () => {
    const home = homeWith({ port: 0 });
    const daemon = await startDaemon(home);
    const prometheus = await startPrometheus(home, await metricsOf(home), join(home, 'metrics.token'));
    const firing = async () =>
      (await prometheus.alerts())
        .filter(({ state }) => state === 'firing')
        .map(({ labels: { alertname, session } }) => `${alertname} ${session}`)
        .toSorted();
    await expect
      .poll(firing, { timeout: 60_000 })
      .toEqual(['KeepaliveLoginRequired dead', 'KeepaliveSessionFailing failing']);
    expect(await prometheus.query('up{job="keepalive"}')).toBe(1);
    expect(await prometheus.query('keepalive_session_state{session="alive",state="alive"}')).toBe(1);
    expect(await prometheus.query('sum(keepalive_attempts_total{session="failing"})')).toBeGreaterThanOrEqual(3);
    expect(await prometheus.query('keepalive_attempt_duration_seconds_count')).toBeGreaterThan(0);

    await daemon.client.request('kernel/stop');
    await expect.poll(firing, { timeout: 30_000 }).toEqual(expect.arrayContaining(['KeepaliveGone undefined']));
  });
});
