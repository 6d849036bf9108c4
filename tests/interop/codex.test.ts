import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { listProcesses } from '../../runtime/capabilities/processes.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import codex from '../../plugins/codex/index.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { codexServer, type CodexServer } from '../support/vendors/codex-server.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { playRounds, ROUNDS, ROUNDS_TIMEOUT_MS } from '../support/vendors/rounds.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const DAY = 86_400_000;
const program = findVendorProgram('codex');

/** Skips the second look before an attempt. */
const withoutSecondLook: Wait = async ms => void (ms === 1_000 || (await realWait(ms)));

/** A codex home with a login at the server, and a provider context. */
async function signedIn(server: CodexServer, life: { readonly age: number; readonly left: number }) {
  const folder = await temporaryFolder();
  const home = join(folder, '.codex');
  const file = join(home, 'auth.json');
  const { account, text } = server.signIn(life);
  await mkdir(home);
  await writeFile(file, text, { mode: 0o600 });
  await writeFile(
    join(home, 'config.toml'),
    `chatgpt_base_url = "${server.url}/backend-api/"\n[analytics]\nenabled = false\n`,
  );
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TERM: 'dumb',
    CODEX_HOME: home,
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/oauth/token`,
    // All other network requests of codex go to a proxy that does not exist.
    HTTPS_PROXY: server.url,
    HTTP_PROXY: server.url,
    ALL_PROXY: server.url,
    NO_PROXY: '127.0.0.1',
  };
  const exec = createExec({ workDir: join(folder, 'work'), env });
  const context = (given: Partial<ProviderContext> = {}) =>
    realContext(folder, { env, exec, which: createWhich(env), ...given });
  const isAlive = async () => server.isAlive(account, await readFile(file, 'utf8'));
  return { account, context, exec, isAlive };
}

/** Starts codex as the user would, runs `meanwhile`, and returns whether codex's login is accepted afterwards. */
async function besideCodex(
  exec: ProviderContext['exec'],
  meanwhile: () => Promise<void> = async () => {},
  { renew = false } = {},
): Promise<string> {
  let answer = '{}';
  await exec(program ?? '', ['app-server'], {
    timeoutMs: 60_000,
    async talk({ lines, send }) {
      const ask = async (id: number, method: string, params: unknown) => {
        send(JSON.stringify({ id, method, params }));
        for await (const line of lines) if (JSON.parse(line).id === id) return line;
        return '{}';
      };
      await ask(1, 'initialize', { clientInfo: { name: 'test', title: null, version: '0' }, capabilities: null });
      send(JSON.stringify({ method: 'initialized', params: {} }));
      await Promise.all([meanwhile(), renew && ask(2, 'account/read', { refreshToken: true })]);
      answer = await ask(3, 'account/rateLimits/read', undefined);
    },
  });
  return 'result' in JSON.parse(answer) ? 'accepted' : 'refused';
}

describe.skipIf(!program)(`with the real codex (${program ?? `skipped: ${noVendorProgram('codex')}`})`, () => {
  const options = { program };

  test('a touch renews a login in the second half of its life, and codex accepts it', async () => {
    const server = await codexServer();
    const { account, context, exec, isAlive } = await signedIn(server, { age: 6 * DAY, left: 4 * DAY });
    const outcome = await codex(options).refresh(context());
    expect(outcome).toMatchObject({ status: 'refreshed', method: 'touch' });
    expect('expiresAt' in outcome && Number(outcome.expiresAt) > Date.now() + 9 * DAY).toBe(true);
    expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
    expect(await isAlive()).toBe(true);
    expect(await besideCodex(exec)).toBe('accepted');
    expect((await codex(options).refresh(context())).status).toBe('fresh');
  }, 60_000);

  test('a redeem renews an expired one, and codex accepts what was written', async () => {
    const server = await codexServer();
    const { account, context, exec, isAlive } = await signedIn(server, { age: 10 * DAY, left: -60_000 });
    expect(await codex({ ...options, method: 'redeem' }).refresh(context())).toMatchObject({
      status: 'refreshed',
      method: 'redeem',
    });
    expect(await isAlive()).toBe(true);
    expect(await besideCodex(exec)).toBe('accepted');
    expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
  }, 60_000);

  test('two keepers of one login use its token once', async () => {
    const server = await codexServer({ latencyMs: 300 });
    const { account, context, isAlive } = await signedIn(server, { age: 6 * DAY, left: 4 * DAY });
    const outcomes = await Promise.all([1, 2].map(() => codex(options).refresh(context())));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['deferred', 'refreshed']);
    expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
    expect(await isAlive()).toBe(true);
  }, 60_000);

  test('an expired login is only watched while any codex is running', async () => {
    const server = await codexServer();
    const mine = await signedIn(server, { age: 10 * DAY, left: -60_000 });
    const other = await signedIn(server, { age: DAY, left: 9 * DAY });
    await besideCodex(other.exec, async () => {
      expect(await codex(options).refresh(mine.context({ processes: listProcesses }))).toMatchObject({
        status: 'deferred',
      });
    });
    expect(server.exchanges).toEqual([]);
  }, 60_000);

  test("a login that the vendor has ended needs a new sign-in, by codex's own answer", async () => {
    const server = await codexServer();
    const { account, context } = await signedIn(server, { age: 6 * DAY, left: 4 * DAY });
    server.end(account);
    expect(await codex(options).refresh(context())).toMatchObject({ status: 'deferred' });
    expect(await codex(options).refresh(context({ now: () => Date.now() + 90_000 }))).toMatchObject({
      status: 'login-required',
      proof: expect.stringContaining('401'),
    });
  }, 60_000);

  test(
    'early renewals next to a working codex lose no login, even if one reuse would end it',
    async () => {
      const server = await codexServer({ onReuse: 'revoke', latencyMs: 300 });
      const survived = await playRounds(async round => {
        const { context, exec, isAlive } = await signedIn(server, { age: 6 * DAY, left: 4 * DAY });
        const keeper = codex({ ...options, method: round % 2 ? 'redeem' : 'touch' });
        const answer = await besideCodex(
          exec,
          async () => void (await keeper.refresh(context({ processes: listProcesses }))),
        );
        return answer === 'accepted' && (await isAlive());
      });
      expect(survived).toEqual(ROUNDS.map(() => true));
      expect(server.exchanges.map(({ answer }) => answer)).toEqual(ROUNDS.map(() => 'renewed'));
    },
    ROUNDS_TIMEOUT_MS,
  );

  test(
    "late renewals that collide with codex's own lose no login if a reuse is only refused",
    async () => {
      const server = await codexServer({ onReuse: 'reject', latencyMs: 300 });
      const survived = await playRounds(async () => {
        const { context, exec, isAlive } = await signedIn(server, { age: 10 * DAY, left: -60_000 });
        const keeper = codex({ ...options, method: 'redeem' }, withoutSecondLook);
        const renewal = keeper.refresh(context());
        const answer = await besideCodex(exec, async () => void (await renewal), { renew: true });
        return [(await renewal).status, answer === 'accepted' && (await isAlive())] as const;
      });
      expect(survived.map(([, alive]) => alive)).toEqual(ROUNDS.map(() => true));
      expect(survived.filter(([status]) => status !== 'refreshed' && status !== 'fresh')).toEqual([]);
    },
    ROUNDS_TIMEOUT_MS,
  );
});
