import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import { begin, KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { fleetHome, oauthEntry, writeTokens } from '../support/fleet/scene.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { onTestFinished } from '../support/running-test.ts';
import { certifiedServer } from '../support/vendors/certified-server.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Options = Parameters<typeof fleetHome>[0];

async function machine(options: Options) {
  const home = fleetHome(options);
  return { home, ...(await startDaemon(home)) };
}
type Machine = Awaited<ReturnType<typeof machine>>;

/** Until each sees the other. */
async function meet(one: Machine, other: Machine): Promise<void> {
  const seen = async ({ client }: Machine) => (await client.request('fleet/list')).length;
  await expect.poll(() => seen(one)).toBe(2);
  await expect.poll(() => seen(other)).toBe(2);
}

/** `box` has a session whose login has ended, which a device code signs in to again; `laptop` has nothing. */
async function scene({ url, accept = ['login'] }: { readonly url: string; readonly accept?: readonly string[] }) {
  const vendor = await certifiedServer();
  const { tokenEndpoint, deviceEndpoint, clientId, clientSecret, scope } = vendor;
  const file = join(temporaryHome(), 'token.json');
  writeTokens(file, 'refresh-canary', 1);
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' };
  const acme = ['oauth', { id: 'acme', file, tokenEndpoint, deviceEndpoint, clientId, clientSecret, scope, paths }];
  const box = await machine({ url, machine: 'box', accept, plugins: [acme] });
  await untilSession(box, 'acme', ({ state }) => state.name === 'halted');
  const laptop = await machine({ url, machine: 'laptop' });
  await meet(box, laptop);
  return { vendor, file, box, laptop };
}

/** A client with the states of its sign-ins. */
function watch(client: KeepaliveClient) {
  const states: LoginState[] = [];
  client.on('login/didChange', ({ state }) => states.push(state));
  const until = async (name: LoginState['name']) => {
    await expect.poll(() => states.at(-1)?.name, { timeout: 20_000 }).toBe(name);
    return states.at(-1);
  };
  return { states, until };
}

async function anotherClient({ home }: Machine): Promise<KeepaliveClient> {
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  onTestFinished(() => client.close());
  return client;
}

const userCodeOf = (state: LoginState | undefined): string => (state?.name === 'open' && state.userCode) || '';

/** Keeps each letter that is ever sent. */
async function copyLetters(url: string) {
  await server.run(url, 'CREATE TABLE public.copies (LIKE keepalive.letters)');
  const copy = `CREATE FUNCTION public.copy() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.copies VALUES (NEW.*); RETURN NEW; END'`;
  await server.run(url, copy);
  await server.run(url, `CREATE TRIGGER copy BEFORE INSERT ON keepalive.letters FOR EACH ROW EXECUTE FUNCTION copy()`);
  return () => server.run(url, 'SELECT * FROM public.copies ORDER BY id');
}

/** All that the database holds, as text. */
async function everythingIn(url: string): Promise<string> {
  const tables = await server.run(
    url,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('keepalive', 'public')`,
  );
  const rows = await Promise.all(tables.map(({ name }) => server.run(url, `SELECT * FROM ${String(name)}`)));
  return JSON.stringify(rows);
}

/** Signs in at a machine of the fleet, up to where the user has a code. */
async function begun(client: KeepaliveClient) {
  const { states, until } = watch(client);
  const start = () => client.request('fleet/login', { machine: 'box', id: 'acme' });
  // One that was cancelled may still be ending.
  const started = await vi.waitFor(start, { timeout: 30_000 });
  return { started, states, until, open: await until('open') };
}

/** Resolves when no sign-in of the session runs: another one can be started. */
async function expectFree(client: KeepaliveClient): Promise<void> {
  const start = () =>
    client.request('login/start', { id: 'acme', device: true }).then(
      ({ login }) => client.request('login/cancel', { login }),
      (error: { readonly code: string }) => error.code,
    );
  await expect.poll(start, { timeout: 30_000 }).toBe(null);
}

/** The command line acts on another machine as on this one. */
async function expectCommands({
  vendor,
  box,
  laptop,
}: Pick<Awaited<ReturnType<typeof scene>>, 'vendor' | 'box' | 'laptop'>) {
  const signingIn = begin(KEEPALIVE, ['login', 'box/acme', '--json'], laptop.home);
  const lines: string[] = [];
  signingIn.child.stdout?.on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  const records = () => lines.map(line => JSON.parse(line) as LoginState & { readonly machine?: string });
  await expect.poll(() => records().at(-1)?.name, { timeout: 20_000 }).toBe('open');
  expect(records()[0]).toMatchObject({ name: 'started', machine: 'box' });
  await vendor.decide(userCodeOf(records().at(-1)), { accountId: 'someone' });
  expect((await signingIn.done).code).toBe(0);
  await untilSession(box, 'acme', ({ state }) => state.name === 'alive');
  const refreshed = await run(KEEPALIVE, ['refresh', 'box/acme'], laptop.home);
  expect(refreshed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^. box\/acme still good, nothing to renew/),
  });
  const unknown = await run(KEEPALIVE, ['refresh', 'box/none'], laptop.home);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no session "none" on box.') });
  const refused = await run(KEEPALIVE, ['login', 'laptop/own'], box.home);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('laptop does not accept this.') });
}

const LIMIT_MS = 60_000;

test(
  'a user signs in to a session of another machine, and nothing of it can be read on the way',
  async () => {
    const url = await server.database();
    const { vendor, file, box, laptop } = await scene({ url });
    const copies = await copyLetters(url);
    const stranger = await anotherClient(laptop);
    const others = [stranger, box.client].map(client => watch(client).states);
    const { started, states, until, open } = await begun(laptop.client);
    expect(started).toMatchObject({ machine: 'box', session: 'acme', steps: ['open'], account: 'acme account' });
    expect(states.map(({ name }) => name)).toEqual(['starting', 'open']);
    const { login } = started;
    await expect(stranger.request('login/cancel', { login })).rejects.toMatchObject({ code: 'KA_LOGIN_NOT_FOUND' });
    const early = laptop.client.request('login/answer', { login, text: 'answer-canary' });
    await expect(early).rejects.toMatchObject({ code: 'KA_LOGIN_NOT_WAITING' });
    const second = stranger.request('fleet/login', { machine: 'box', id: 'acme' });
    await expect(second).rejects.toMatchObject({ code: 'KA_LOGIN_RUNNING', details: { machine: 'box' } });
    await vendor.decide(userCodeOf(open), { accountId: 'someone' });
    await until('done');
    await untilSession(box, 'acme', ({ state }) => state.name === 'alive');
    expect(others).toEqual([[], []]);
    const { access_token: access, refresh_token: refresh } = JSON.parse(readFileSync(file, 'utf8'));
    const address = open?.name === 'open' ? open.url : '';
    const secrets = [address, userCodeOf(open), access, refresh, 'refresh-canary', 'answer-canary'];
    expect((await copies()).length).toBeGreaterThan(4);
    const logs = [box, laptop].map(({ home }) => readFileSync(join(home, 'keepalived.log'), 'utf8'));
    for (const text of [await everythingIn(url), ...logs])
      for (const secret of secrets) expect(text).not.toContain(secret);
  },
  LIMIT_MS,
);

test(
  'a sign-in ends there when it is cancelled, with its client, and with its machine; commands act there as well',
  async () => {
    const url = await server.database();
    const { vendor, box, laptop } = await scene({ url, accept: ['refresh', 'login'] });
    const { started, until } = await begun(laptop.client);
    await laptop.client.request('login/cancel', { login: started.login });
    expect((await until('cancelled'))?.name).toBe('cancelled');
    const going = await anotherClient(laptop);
    await begun(going);
    going.close();
    await expectFree(box.client);
    await begun(laptop.client);
    await server.run(url, `UPDATE keepalive.machines SET alive_until = now() WHERE machine = 'laptop'`);
    await expectFree(box.client);
    await server.run(
      url,
      `UPDATE keepalive.machines SET alive_until = now() + interval '1 hour' WHERE machine = 'laptop'`,
    );
    await expectCommands({ vendor, box, laptop });
  },
  LIMIT_MS,
);

test(
  'another machine answers by its own rules, and an old letter does nothing',
  async () => {
    const url = await server.database();
    const vendor = await rotatingServer();
    const file = join(temporaryHome(), 'login.json');
    writeTokens(file, 'refresh-0', Math.floor(Date.now() / 1_000) + 3_600);
    const plugins = [oauthEntry('own', file, vendor.url)];
    const policy = { minInterval: '1h' };
    const box = await machine({ url, machine: 'box', accept: ['refresh'], plugins, policy });
    const laptop = await machine({ url, machine: 'laptop' });
    await meet(box, laptop);
    const copies = await copyLetters(url);
    const refresh = (at: string, id = 'own', { client } = laptop) =>
      client.request('fleet/refresh', { machine: at, id, force: true });
    expect(await refresh('box')).toMatchObject({ id: 'own', lastAttempt: { outcome: 'refreshed' } });
    expect(vendor.received).toHaveLength(1);
    await expect(refresh('box')).rejects.toMatchObject({
      code: 'KA_RATE_LIMITED',
      details: { id: 'own', machine: 'box', retryAt: expect.any(Number) },
    });
    await expect(refresh('box', 'none')).rejects.toMatchObject({
      code: 'KA_SESSION_NOT_FOUND',
      details: { id: 'none', machine: 'box', known: ['own'] },
    });
    await expect(refresh('nowhere')).rejects.toMatchObject({ code: 'KA_FLEET_MACHINE_NOT_FOUND' });
    await expect(refresh('laptop', 'own', box)).rejects.toMatchObject({ code: 'KA_FLEET_NOT_ACCEPTED' });
    const login = laptop.client.request('fleet/login', { machine: 'box', id: 'own' });
    await expect(login).rejects.toMatchObject({ code: 'KA_FLEET_NOT_ACCEPTED' });
    // It says that it accepts this, but does not.
    await server.run(url, `UPDATE keepalive.machines SET accepts = '{refresh,login}'`);
    await expect(refresh('laptop', 'own', box)).rejects.toMatchObject({ code: 'KA_FLEET_NOT_ACCEPTED' });
    await server.run(
      url,
      `INSERT INTO keepalive.machines (machine, instance, run, version, accepts, seen_at, alive_until)
    VALUES ('gone', 'i', 'r', '1', '{refresh}', now(), now() - interval '1 minute')`,
    );
    await expect(refresh('gone')).rejects.toMatchObject({ code: 'KA_FLEET_SILENT', details: { machine: 'gone' } });
    const reader = await connect({ endpointFile: join(laptop.home, 'endpoint.json'), access: 'read' });
    onTestFinished(() => reader.close());
    await expect(reader.request('fleet/refresh', { machine: 'box', id: 'own' })).rejects.toMatchObject({
      code: 'KA_RPC_METHOD_NOT_FOUND',
    });
    const before = (await copies()).length;
    await server.run(
      url,
      `INSERT INTO keepalive.letters (machine, sender, body, sent_at)
    SELECT machine, sender, body, now() FROM public.copies`,
    );
    await server.run(url, `SELECT pg_notify('keepalive', 'letter:box'), pg_notify('keepalive', 'letter:laptop')`);
    const left = async () => (await server.run(url, 'SELECT id FROM keepalive.letters')).length;
    await expect.poll(left).toBe(0);
    // The copies are copied. Nothing answered them.
    await expect(refresh('box')).rejects.toMatchObject({ code: 'KA_RATE_LIMITED' });
    expect((await copies()).length).toBe(2 * before + 3);
    expect(vendor.received).toHaveLength(1);
  },
  LIMIT_MS,
);

test(
  'without notices, as through a pooler, a conversation goes on every second',
  async () => {
    const url = await server.database();
    await server.run(url, 'CREATE SCHEMA deaf');
    await server.run(url, `CREATE FUNCTION deaf.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT'`);
    await server.run(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET search_path = deaf, pg_catalog`);
    const { vendor, box, laptop } = await scene({ url });
    const { until } = watch(laptop.client);
    const started = laptop.client.request('fleet/login', { machine: 'box', id: 'acme' });
    const letters = async () => (await server.run(url, 'SELECT machine FROM keepalive.letters')).length;
    await expect.poll(letters).toBe(1);
    // `box` finds it with its next heartbeat, which comes early when its connection has ended.
    await server.run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'LISTEN keepalive'`,
    );
    await started;
    const open = await until('open');
    await vendor.decide(userCodeOf(open), { accountId: 'someone' });
    await until('done');
    await untilSession(box, 'acme', ({ state }) => state.name === 'alive');
  },
  LIMIT_MS,
);
