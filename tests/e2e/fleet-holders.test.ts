import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test, vi } from 'vitest';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { fleetHome, oauthEntry, writeTokens } from '../support/fleet/scene.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const laterInSeconds = () => Math.floor(Date.now() / 1_000) + 3_600;

/** Two machines with leases of three seconds, which hold one login. The first holds it longer. */
async function twoMachines(isOneFile = false) {
  const url = await server.database();
  const vendor = await rotatingServer();
  const files = ['first', 'second'].map(() => join(temporaryHome(), 'login.json'));
  const [file = '', copy = ''] = isOneFile ? [files[0], files[0]] : files;
  for (const one of [file, copy]) writeTokens(one, 'refresh-0', laterInSeconds());
  const home = (machine: string, store: string) =>
    fleetHome({ url, machine, lease: '3s', plugins: [oauthEntry('own', store, vendor.url)] });
  const homes = [home('laptop', file), home('box', copy)] as const;
  const laptop = await startDaemon(homes[0]);
  await held(url, 1);
  const box = await startDaemon(homes[1]);
  await held(url, 2);
  return { url, vendor, laptop, box, homes, files: [file, copy] as const };
}

/** Waits until the database knows of so many sessions that hold a login. */
async function held(url: string, count: number): Promise<void> {
  const rows = () => server.run(url, 'SELECT session FROM keepalive.holdings').catch(() => []);
  await vi.waitUntil(async () => (await rows()).length >= count, { timeout: 30_000, interval: 100 });
}

const shared = (daemon: Daemon, holder: string) =>
  untilSession(daemon, 'own', session => session.shared?.holder === holder);
const refresh = (daemon: Daemon) => daemon.client.request('session/refresh', { id: 'own', force: true });
/** The end of the wait may have begun an attempt, which a request joins. */
const outcome = (daemon: Daemon) =>
  refresh(daemon).then(
    ({ lastAttempt }) => lastAttempt?.outcome,
    () => undefined,
  );
const tokens = ({ received }: Awaited<ReturnType<typeof rotatingServer>>) => received.map(({ token }) => token);

test.concurrent('the other machine takes over when the holder is killed, and says so again when it is back', async ({
  expect,
}) => {
  const { vendor, laptop, box, homes } = await twoMachines();
  await shared(box, 'laptop/own');
  laptop.child.kill('SIGKILL');
  await shared(box, 'own');
  await expect.poll(() => outcome(box)).toBe('refreshed');
  const again = await startDaemon(homes[0]);
  await untilSession(again, 'own', session => session.shared?.spent === true);
  expect((await refresh(again)).state).toMatchObject({ why: 'deferred' });
  await untilSession(box, 'own', session => session.shared?.spent === true);
  expect(tokens(vendor)).toEqual(['refresh-0']);
  expect(vendor.isRevoked()).toBe(false);
});

test.concurrent('a holder that was stopped and continues does not spend what the other has renewed', async ({
  expect,
}) => {
  const { vendor, laptop, box } = await twoMachines();
  await shared(box, 'laptop/own');
  laptop.child.kill('SIGSTOP');
  await shared(box, 'own');
  await expect.poll(() => outcome(box)).toBe('refreshed');
  laptop.child.kill('SIGCONT');
  await refresh(laptop).catch(() => undefined);
  await untilSession(laptop, 'own', session => session.shared?.spent === true);
  expect((await refresh(laptop)).state).toMatchObject({ why: 'deferred' });
  expect(tokens(vendor)).toEqual(['refresh-0']);
});

test.concurrent('two machines that see one file renew it once, both are alive, and nothing is a copy', async ({
  expect,
}) => {
  const { vendor, laptop, box, files } = await twoMachines(true);
  writeTokens(files[0], 'refresh-0', 1);
  const alive = (daemon: Daemon) => untilSession(daemon, 'own', ({ state }) => state.name === 'alive');
  await Promise.all([refresh(laptop), refresh(box)]);
  await Promise.all([alive(laptop), alive(box)]);
  expect(tokens(vendor)).toEqual(['refresh-0']);
  expect(JSON.parse(readFileSync(files[0], 'utf8')).refresh_token).toBe('refresh-1');
  for (const daemon of [laptop, box]) expect(await daemon.client.request('notice/list')).toEqual([]);
});

test.concurrent('after a restart without the database, what was known to be shared waits', async ({ expect }) => {
  const { url, vendor, laptop, box, homes } = await twoMachines();
  await shared(laptop, 'own');
  await shared(box, 'laptop/own');
  laptop.child.kill('SIGTERM');
  await laptop.done;
  const name = new URL(url).pathname.slice(1);
  const admin = url.replace(name, 'postgres');
  await server.run(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await server.run(admin, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  const again = await startDaemon(homes[0]);
  const waits = await refresh(again);
  expect(waits.state).toMatchObject({ why: 'deferred', hint: expect.stringContaining('"box/own"') });
  expect(tokens(vendor)).toEqual([]);
  await server.run(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
});
