import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importFile } from '../../../sdk/config-file/import-file.ts';
import type { ProviderPlugin } from '../../../sdk/index.ts';
import { fakeContext, testProvider } from '../../../sdk/testing/index.ts';
import { snippets } from '../../support/docs/markdown.ts';
import { TEMPORARY } from '../../support/io/temporary.ts';
import { readText } from '../../support/sources.ts';
import { cookieSite } from '../../support/vendors/cookie-site.ts';
import { rotatingServer } from '../../support/vendors/token-server.ts';
import { jwt } from '../../support/vendors/tokens.ts';

type Factory = (options: object) => ProviderPlugin;

let folder: string;
const examples = snippets(readText('docs/recipes.md'), 'ts').filter(code => code.includes('export default'));

/** The first plugin of the documentation with this recipe and this member, exactly as it is printed there. */
async function example(recipe: string, member = ''): Promise<Factory> {
  const code = examples.find(text => text.includes(`${recipe}({`) && text.includes(member)) ?? '';
  const file = join(folder, `${recipe}${member}.ts`);
  await writeFile(file, code);
  const factory = await importFile(file, folder);
  if (typeof factory !== 'function') throw new Error(`docs/recipes.md has no example for ${recipe}.`);
  return factory as Factory;
}

beforeAll(async () => {
  folder = await mkdtemp(join(TEMPORARY, 'recipes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

test.each(['defineOAuthSession', 'defineCookieSession', 'defineCommandSession', 'defineSession'])(
  'the example for %s passes the provider contract tests',
  async recipe => {
    const { checks } = await testProvider(await example(recipe));
    expect(checks.filter(({ problem }) => problem)).toEqual([]);
  },
);

test('the example with a redeem spends the token, unless the program runs', async () => {
  const server = await rotatingServer();
  const tokens = { token: 'access-0', refresh: 'refresh-0', expiry: NOW / 1_000 + 60 };
  const world = {
    now: () => NOW,
    files: { '~/.acme/auth.json': JSON.stringify(tokens) },
    fetch: (request: Request) => globalThis.fetch(request),
  };
  const provider = (await example('defineSession', 'redeem'))({ tokenEndpoint: server.url });
  const { checks } = await testProvider(provider);
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
  const busy = fakeContext({ ...world, processes: [{ pid: 1, name: 'acme' }] });
  expect(await provider.refresh(busy)).toMatchObject({ status: 'deferred', method: 'redeem' });
  expect(server.received).toEqual([]);
  const context = fakeContext(world);
  const expiresAt = new Date(NOW + HOUR);
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', method: 'redeem', expiresAt });
  expect(JSON.parse((await context.files.read('~/.acme/auth.json')) ?? '')).toMatchObject({ refresh: 'refresh-1' });
});

test('the example of a token file renews it, and keeps other members', async () => {
  const server = await rotatingServer();
  const tokens = { access_token: 'access-0', refresh_token: 'refresh-0', expires_at: NOW / 1_000 + 60, mine: true };
  const context = fakeContext({
    now: () => NOW,
    files: { '~/.acme/token.json': JSON.stringify(tokens) },
    fetch: request => globalThis.fetch(request),
  });
  const provider = (await example('defineOAuthSession'))({ tokenEndpoint: server.url });
  const expiresAt = new Date(NOW + HOUR);
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', method: 'redeem', expiresAt });
  expect(JSON.parse((await context.files.read('~/.acme/token.json')) ?? '')).toEqual({
    access_token: 'access-1',
    refresh_token: 'refresh-1',
    expires_at: expiresAt.getTime() / 1_000,
    mine: true,
  });
  expect(await provider.refresh(context)).toMatchObject({ status: 'fresh', expiresAt });
  expect(server.received).toHaveLength(1);
});

test('the example of a web session uses it, and stores the new cookie', async () => {
  const site = await cookieSite();
  const now = Date.now();
  const end = Math.floor(now / 1_000) + 60;
  const line = ['#HttpOnly_127.0.0.1', 'FALSE', '/', 'FALSE', end, 'sid', site.current()].join('\t');
  const context = fakeContext({
    now: () => now,
    files: { '~/.acme/cookies.txt': `${line}\n` },
    fetch: request => globalThis.fetch(request),
  });
  const provider = (await example('defineCookieSession'))({ site: site.url });
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', method: 'ping' });
  expect(await context.files.read('~/.acme/cookies.txt')).toContain(site.current());
  expect(site.received).toHaveLength(1);
});

test('the example of a command runs it, and believes the store', async () => {
  const stored = (expiry: number) => JSON.stringify({ token: { expiry: new Date(expiry).toISOString() } });
  const files = { '~/.acme/auth.json': stored(NOW + 60_000) };
  const context = fakeContext({
    now: () => NOW,
    files,
    programs: { acme: '/bin/acme' },
    exec() {
      context.files.write('~/.acme/auth.json', stored(NOW + HOUR));
      return { exitCode: 1 };
    },
  });
  const outcome = await (await example('defineCommandSession'))({}).refresh(context);
  expect(outcome).toMatchObject({ status: 'refreshed', method: 'touch', expiresAt: new Date(NOW + HOUR) });
  expect(context.calls.exec.map(({ args }) => args)).toEqual([['auth', 'refresh']]);
});

test("the example of a program's own store touches if the program is installed, otherwise observes", async () => {
  const stored = (expiry: number) => JSON.stringify({ token: jwt({ exp: expiry / 1_000 }) });
  const provider = (await example('defineSession'))({});
  const files = { '~/.acme/auth.json': stored(NOW + 60_000) };
  const context = fakeContext({
    now: () => NOW,
    files,
    programs: { acme: '/bin/acme' },
    exec() {
      context.files.write('~/.acme/auth.json', stored(NOW + HOUR));
      return {};
    },
  });
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', expiresAt: new Date(NOW + HOUR) });
  expect(await provider.refresh(fakeContext({ now: () => NOW, files }))).toMatchObject({
    status: 'fresh',
    method: 'observe',
  });
});
