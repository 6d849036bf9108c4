import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { createPty } from '../../runtime/capabilities/pty.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import claude, { type ClaudeOptions } from '../../plugins/claude/index.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { claudeEnvironment } from '../support/vendors/claude-environment.ts';
import { claudeServer, type ClaudeServer } from '../support/vendors/claude-server.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { noWait } from '../support/vendors/token-file.ts';
import { vendorProxy, type VendorProxy } from '../support/vendors/vendor-proxy.ts';
import { ROUNDS, ROUNDS_TIMEOUT_MS } from '../support/vendors/rounds.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const HOUR = 3_600_000;
const HOSTS = ['platform.claude.com', 'api.anthropic.com', 'claude.ai', 'mcp-proxy.anthropic.com'];
const program = findVendorProgram('claude');
const lacking =
  program === undefined
    ? noVendorProgram('claude')
    : hasOpenssl()
      ? undefined
      : 'there is no openssl to make a certificate';

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A claude home with a login at the server, with an MCP server and a hook that record each start, and a provider
 * context.
 */
async function signedIn(
  server: ClaudeServer,
  proxy: VendorProxy,
  left = -60_000,
  more: Readonly<Record<string, string>> = {},
) {
  const folder = await temporaryFolder();
  const home = join(folder, '.claude');
  const file = join(home, '.credentials.json');
  const work = join(folder, 'work');
  const { account, text } = server.signIn(left);
  await mkdir(home);
  await writeFile(file, text, { mode: 0o600 });
  const record = (what: string) => ({ type: 'command', command: `touch ${join(folder, `started-${what}`)}` });
  await writeFile(
    join(home, 'settings.json'),
    JSON.stringify({ hooks: { SessionStart: [{ hooks: [record('hook')] }] } }),
  );
  await writeFile(
    join(folder, '.claude.json'),
    JSON.stringify({
      hasCompletedOnboarding: true,
      oauthAccount: { accountUuid: 'u', emailAddress: 'you@example.test', organizationUuid: 'o' },
      mcpServers: { spy: { type: 'stdio', command: 'touch', args: [join(folder, 'started-mcp')] } },
    }),
  );
  const env = await claudeEnvironment(folder, proxy, more);
  const programs = { workDir: work, env };
  const context = (given: Partial<ProviderContext> = {}) =>
    realContext(folder, {
      env,
      exec: createExec(programs),
      pty: createPty(programs),
      which: createWhich(env),
      ...given,
      fetch: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, server.url), init),
    });
  return {
    account,
    context,
    home,
    /** Runs claude as the user would. */
    run: (...args: readonly string[]) => createExec({ workDir: folder, env })(program ?? '', args),
    read: () => readFile(file, 'utf8'),
    isAlive: async () => server.isAlive(account, await readFile(file, 'utf8')),
    started: async () => (await readdir(folder)).filter(name => name.startsWith('started-')),
  };
}

const provider = (options: ClaudeOptions = {}, wait?: Wait) =>
  claude({ program: program ?? '', ...options }, wait && { wait });
/** Does not wait, for cases in which claude changes nothing more. */
const withoutWait = (options: ClaudeOptions = {}) => provider(options, noWait);

const world = async (options?: Parameters<typeof claudeServer>[0]) => {
  const server = await claudeServer(options);
  return { server, proxy: await vendorProxy(HOSTS, server.handle) };
};

describe.skipIf(lacking)(`with the real claude (${lacking ? `skipped: ${lacking}` : program})`, () => {
  test.each<[string, ClaudeOptions]>([
    ['looking up an MCP server', {}],
    ['showing the status in a terminal', { touch: 'status' }],
    ['a redeem', { method: 'redeem' }],
  ])(
    'an expired login is renewed by %s without other effects, and claude accepts it',
    async (_name, options) => {
      const { server, proxy } = await world({ latencyMs: 200 });
      const { account, context, run, read, isAlive, started } = await signedIn(server, proxy);
      const outcome = await provider(options).refresh(context());
      expect(outcome).toMatchObject({ status: 'refreshed', method: options.method ?? 'touch' });
      expect('expiresAt' in outcome && Number(outcome.expiresAt) > Date.now() + 7 * HOUR).toBe(true);
      expect('loginExpiresAt' in outcome && Number(outcome.loginExpiresAt) > Date.now() + 19 * 24 * HOUR).toBe(true);
      expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
      expect([await isAlive(), await started(), server.asked.filter(asked => asked.includes('/v1/messages'))]).toEqual([
        true,
        [],
        [],
      ]);
      expect(JSON.parse(await read())).toMatchObject({
        mcpOAuth: { kept: true },
        claudeAiOauth: { subscriptionType: 'pro' },
      });
      expect((await run('-p', 'hello')).stdout).toContain('hello from the server');
      expect((await provider(options).refresh(context())).status).toBe('fresh');
      expect(server.exchanges).toHaveLength(1);
    },
    90_000,
  );

  test('a terminal session leaves no trust, history or project', async () => {
    const { server, proxy } = await world();
    const { context, home } = await signedIn(server, proxy);
    expect((await provider({ touch: 'status' }).refresh(context())).status).toBe('refreshed');
    expect((await readdir(home)).filter(name => /history|projects/.test(name))).toEqual([]);
    expect(JSON.parse(await readFile(join(home, '../.claude.json'), 'utf8')).projects).toBeUndefined();
  }, 60_000);

  test('a login with more than 5 minutes left is not renewed, even if forced', async () => {
    const { server, proxy } = await world();
    const { context } = await signedIn(server, proxy, HOUR);
    expect(await provider().refresh(context({ force: true }))).toMatchObject({ status: 'fresh', method: 'touch' });
    expect(server.asked).toEqual([]);
  });

  test('a login that the vendor has ended needs a new sign-in', async () => {
    const { server, proxy } = await world();
    const { account, context } = await signedIn(server, proxy);
    server.end(account);
    expect(await provider().refresh(context())).toMatchObject({
      status: 'login-required',
      proof: expect.stringContaining('emptied'),
    });
    expect(await provider().refresh(context())).toMatchObject({ status: 'login-required' });
  }, 60_000);

  // claude prints nothing about 5xx, and the vendor's router answers our HEAD while it refuses every renewal.
  test.each<[number, object]>([
    [429, { status: 'rate-limited' }],
    [500, { code: 'KA_OFFLINE' }],
    [503, { code: 'KA_OFFLINE' }],
    [403, { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('claude reported HTTP 403') } }],
  ])(
    'a refusal of every renewal with %i is temporary, and a later renewal succeeds',
    async (refuse, expected) => {
      const { server, proxy } = await world({ refuse });
      const { context, isAlive } = await signedIn(server, proxy);
      for (let tries = 0; tries < 2; tries++)
        expect(
          await withoutWait()
            .refresh(context())
            .catch((error: unknown) => error),
        ).toMatchObject(expected);
      expect(server.asked.filter(asked => asked === 'POST /v1/oauth/token').length).toBeGreaterThanOrEqual(2);
      server.refuse(undefined);
      expect(await provider().refresh(context())).toMatchObject({ status: 'refreshed' });
      expect(await isAlive()).toBe(true);
    },
    60_000,
  );

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ ANTHROPIC_API_KEY: 'sk-ant-CANARY' }, 'refreshed'],
    [{ ANTHROPIC_AUTH_TOKEN: 'CANARY' }, 'refreshed'],
    [{ CLAUDE_CONFIG_DIR: '~/.claude' }, 'refreshed'],
    [{ CLAUDE_CODE_USE_BEDROCK: '0', CLAUDE_CODE_USE_FOUNDRY: 'False', CLAUDE_CODE_USE_VERTEX: 'maybe' }, 'refreshed'],
    [{ CLAUDE_CODE_USE_MANTLE: '1' }, 'unavailable'],
    [{ CLAUDE_CODE_USE_ANTHROPIC_AWS: 'on' }, 'unavailable'],
    [{ CLAUDE_CODE_OAUTH_TOKEN: 'CANARY' }, 'unavailable'],
  ])(
    'with %o a login is %s, and claude agrees',
    async (more, status) => {
      const { server, proxy } = await world();
      const { account, context, run } = await signedIn(server, proxy, -60_000, more);
      expect(await provider().refresh(context())).toMatchObject({ status });
      expect(server.exchanges).toEqual(status === 'refreshed' ? [{ account, answer: 'renewed' }] : []);
      expect(server.asked.filter(asked => asked.includes('policy_limits'))).toEqual([]);
      if (status === 'unavailable') await run('mcp', 'get', 'nothing');
      expect(server.exchanges).toHaveLength(status === 'refreshed' ? 1 : 0);
    },
    60_000,
  );

  test('a lock that another claude left delays the renewal until it is stale', async () => {
    const { server, proxy } = await world();
    const { context, home, isAlive } = await signedIn(server, proxy);
    const lock = join(home, '.oauth_refresh.lock');
    await mkdir(lock);
    // In the near future, so that it is too young for every release of claude.
    const soon = new Date(Date.now() + 30_000);
    await utimes(lock, soon, soon);
    expect(await withoutWait().refresh(context())).toMatchObject({
      status: 'deferred',
      until: expect.any(Date),
      method: 'touch',
    });
    expect(await withoutWait({ method: 'redeem' }).refresh(context())).toMatchObject({
      status: 'deferred',
      method: 'redeem',
    });
    expect([server.exchanges, await isAlive()]).toEqual([[], true]);
  }, 90_000);

  test.each<ClaudeOptions>([{ method: 'touch' }, { method: 'redeem' }])(
    'next to two working claudes, $method makes one exchange per round and loses no login',
    async options => {
      const { server, proxy } = await world({ latencyMs: 400 });
      for (const round of ROUNDS) {
        const { account, context, run, isAlive } = await signedIn(server, proxy);
        const keeper = async () => (await provider(options).refresh(context())).status;
        const [status] = await Promise.all([keeper(), run('mcp', 'list'), run('-p', 'hello')]);
        expect(['refreshed', 'fresh', 'deferred'], `round ${round}`).toContain(status);
        expect(
          server.exchanges.filter(exchange => exchange.account === account),
          `round ${round}`,
        ).toEqual([{ account, answer: 'renewed' }]);
        expect(await isAlive(), `round ${round}`).toBe(true);
        expect((await run('-p', 'hello')).stdout, `round ${round}`).toContain('hello from the server');
      }
    },
    ROUNDS_TIMEOUT_MS,
  );
});
