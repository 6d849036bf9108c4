import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEEPALIVE, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { fleetHome, FLEET_KEY, oauthEntry, writeTokens } from '../support/fleet/scene.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const laterInSeconds = () => Math.floor(Date.now() / 1_000) + 3_600;

test('the commands about a fleet say what they see, also when its database is away', async () => {
  const url = (await server.database()).replace('owner@', 'owner:made-up-password@');
  const vendor = await rotatingServer();
  const file = join(temporaryHome(), 'login.json');
  writeTokens(file, 'refresh-0', laterInSeconds());
  const home = fleetHome({ url, machine: 'laptop', plugins: [oauthEntry('own', file, vendor.url)] });
  await startDaemon(home);
  const keepalive = async (...args: readonly string[]) => run(KEEPALIVE, args, home);

  await expect.poll(async () => (await keepalive('fleet')).stdout).toMatch(/^● laptop: 1 session, this machine\nID/);
  expect(await keepalive('status', '--fleet')).toMatchObject({ code: 0 });
  await expect.poll(async () => (await keepalive('fleet', '--history')).stdout).toContain('laptop/own');
  expect((await keepalive('config', 'show')).stdout).toContain(
    'Fleet: laptop, by postgres. Other machines may do nothing here.',
  );

  server.kill('SIGQUIT');
  const refused = await keepalive('fleet', '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'KA_FLEET_UNREACHABLE' } });
  expect(refused.code).toBe(1);
  expect((await keepalive('doctor')).stdout).toMatch(/▲ fleet +the database is not reached: /);
  const bundle = join(home, 'bundle.json');
  await keepalive('doctor', '--bundle', bundle);
  const text = readFileSync(bundle, 'utf8');
  expect(text).toContain('"machine": "laptop"');
  for (const secret of [String(server.port), 'made-up-password', FLEET_KEY]) expect(text).not.toContain(secret);
});
