import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { KEEPALIVE, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { fleetHome, oauthEntry } from '../support/fleet/scene.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const laterInSeconds = () => Math.floor(Date.now() / 1_000) + 3_600;

test.concurrent('no secret and no address reaches the database, the log, the API or a notice', async ({ expect }) => {
  const database = await server.database();
  const vendor = await rotatingServer();
  const url = database.replace('owner@', 'owner:password-canary-12345@');
  const file = join(temporaryHome(), 'login.json');
  const tokens = { access_token: 'access-canary-12345', refresh_token: 'refresh-0', expires_at: laterInSeconds() };
  writeFileSync(file, JSON.stringify({ ...tokens, email: 'person-canary@example.com' }), { mode: 0o600 });
  const home = fleetHome({ url, machine: 'laptop', plugins: [oauthEntry('own', file, vendor.url)] });
  const config = join(home, 'keepalive.config.json');
  const plugins = [oauthEntry('own', file, vendor.url)];
  const fleet = ['postgres', { url, keyFile: join(home, 'fleet.key'), machine: 'laptop', accept: ['refresh'] }];
  writeFileSync(config, JSON.stringify({ fleet, plugins, logLevel: 'debug' }));
  const daemon = await startDaemon(home);
  await daemon.client.request('session/refresh', { id: 'own', force: true });
  await daemon.client.request('fleet/refresh', { machine: 'laptop', id: 'own', force: true }).catch(() => undefined);
  await expect.poll(() => daemon.client.request('fleet/history').catch(() => [])).not.toEqual([]);
  const tables = await server.run(database, `SELECT tablename FROM pg_tables WHERE schemaname = 'keepalive'`);
  const rows = tables.map(({ tablename }) =>
    server.run(database, `SELECT t::text FROM keepalive.${String(tablename)} t`),
  );
  const dump = JSON.stringify(await Promise.all(rows));
  expect(dump).toContain('laptop');
  const shownConfig = await run(KEEPALIVE, ['config', 'show'], home);
  const api = JSON.stringify([await daemon.client.request('config/show'), await daemon.client.request('notice/list')]);
  daemon.child.kill('SIGTERM');
  const { stdout, stderr } = await daemon.done;
  const canaries = /canary|refresh-\d|access-\d|example\.com/;
  expect(dump).not.toMatch(canaries);
  for (const text of [api, stdout, stderr, shownConfig.stdout, shownConfig.stderr])
    expect(text).not.toMatch(/canary-|refresh-\d|postgres:\/\//);
});
