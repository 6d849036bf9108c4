import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { snippets } from '../support/docs/markdown.ts';
import { makeMachines } from '../support/docs/machines.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { writeTokens } from '../support/fleet/scene.ts';
import { readText } from '../support/sources.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

const NAMES = ['laptop', 'box', 'ci'] as const;
const isMissing = process.platform === 'win32' || spawnSync('openssl', ['version']).error !== undefined;

/** The code blocks of a language in a section. */
function blocks(heading: string, language: string): readonly string[] {
  const section = readText('docs/fleet.md')
    .split(/^(?=#{2,3} )/m)
    .find(part => part.startsWith(heading));
  return snippets(section ?? '', language);
}
const block = (heading: string, language: string): string => {
  const [only = ''] = blocks(heading, language);
  expect(only).not.toBe('');
  return only;
};

const machines = makeMachines(NAMES);
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await Promise.all(NAMES.map(name => machines.on(name, 'keepalive stop')));
  await server.stop();
  machines.end();
});

const addressOf = (user: string, database: string) => `postgres://${user}@127.0.0.1:${server.port}/${database}`;

/** Runs statements one after the other, as psql does. */
async function asAdministrator(database: string, sql: string): Promise<void> {
  for (const statement of sql.split(';').filter(text => text.trim() !== ''))
    await server.run(addressOf('owner', database), statement);
}

async function good(machine: string, commands: string): Promise<string> {
  const printed = await machines.on(machine, commands);
  expect(printed).toMatchObject({ code: 0 });
  return printed.stdout;
}

/** Keeps a made-up login alive on a machine. */
async function addLogin(machine: string, id: string, endpoint: string): Promise<void> {
  const file = join(machines.homeOf(machine), `${id}.json`);
  writeTokens(file, 'refresh-0', Math.floor(Date.now() / 1_000) + 3_600);
  const paths = 'paths.access=access_token paths.refresh=refresh_token paths.expiresAt=expires_at';
  await good(machine, `keepalive add oauth --id ${id} file=${file} tokenEndpoint=${endpoint} clientId=test ${paths}`);
}

/** The machines and sessions that `keepalive fleet` shows there. */
const fleetSeenBy = async (machine: string): Promise<readonly string[]> => {
  const { stdout } = await machines.on(machine, 'keepalive fleet --json');
  const listed: readonly { machine: string; sessions: readonly { id: string }[] }[] = JSON.parse(stdout);
  return listed.flatMap(one => [one.machine, ...one.sessions.map(({ id }) => `${one.machine}/${id}`)]).toSorted();
};

async function threeMachines(): Promise<void> {
  await asAdministrator('postgres', block('### 1.', 'sql'));
  const address = `127.0.0.1:${server.port}/keepalive`;
  await good('laptop', block('### 2.', 'sh').replace('db.example/keepalive', address));
  for (const name of NAMES) {
    const config = block('### 3.', 'ts').replace("'laptop'", `'${name}'`);
    const folder = join(machines.homeOf(name), '.config/keepalive');
    writeFileSync(join(folder, 'keepalive.config.ts'), config, { mode: 0o600 });
  }
  await Promise.all(NAMES.map(name => good(name, block('### 3.', 'sh'))));
}

async function fewerRights(): Promise<void> {
  await asAdministrator('keepalive', block('## Fewer rights', 'sql'));
  const [role] = await server.run(
    addressOf('keepalive', 'keepalive'),
    "SELECT has_schema_privilege('keepalive', 'CREATE') OR has_table_privilege('keepalive.meta', 'DELETE') AS may",
  );
  expect(role).toEqual({ may: false });
}

test.skipIf(isMissing)('docs/fleet.md leads from nothing to a fleet of three machines', async () => {
  const vendor = await rotatingServer();
  await threeMachines();
  await addLogin('laptop', 'own', vendor.url);
  await expect.poll(() => fleetSeenBy('ci')).toEqual(['box', 'ci', 'laptop', 'laptop/own']);
  const shown = await good('box', block('### 4.', 'sh'));
  expect(shown).toMatch(/^3 machines\n/);
  expect(shown).toContain('● box: no session, this machine');
  expect(shown).toMatch(/^● laptop: 1 session, last heard (now|\d+ s ago)$/m);
  expect(shown).toMatch(/fleet +box is connected, and accepts refresh and login from others; 3 machines/);

  await fewerRights();
  await addLogin('box', 'copy', vendor.url);
  await expect.poll(async () => (await machines.on('box', 'keepalive doctor')).stdout).toContain('"laptop/own"');
  await good('laptop', 'keepalive refresh --force own');
  await machines.on('box', 'keepalive refresh copy');
  expect(vendor.received.map(({ token }) => token)).toEqual(['refresh-0']);
  expect((await machines.on('box', 'keepalive explain copy')).stdout).toContain('"laptop/own"');
  await expect.poll(() => good('ci', 'keepalive fleet --history')).toContain('laptop/own');

  await good('ci', 'keepalive stop');
  await asAdministrator('keepalive', block('## Move or remove', 'sql'));
  expect(await fleetSeenBy('laptop')).toEqual(['box', 'box/copy', 'laptop', 'laptop/own']);
});
