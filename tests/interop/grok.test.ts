import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import grok from '../../plugins/grok/index.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { GROK_SCOPE } from '../support/vendors/grok-login.ts';
import { grokProgram as program, grokScene, noGrok } from '../support/vendors/grok-scene.ts';
import { grokServer, type GrokMood } from '../support/vendors/grok-server.ts';
import { playRounds, ROUNDS, ROUNDS_TIMEOUT_MS } from '../support/vendors/rounds.ts';
import { noWait } from '../support/vendors/token-file.ts';

const HOUR = 3_600_000;
const EXPIRED = { age: 6 * HOUR, left: -60_000 };

/** Waits for late writes of another grok only if there may be some. */
const refresh = (context: ProviderContext, isWriting = true) =>
  grok({ program: program ?? '' }, isWriting ? realWait : noWait)
    .refresh(context)
    .catch((error: unknown) => error);

describe.skipIf(noGrok)(`with the real grok (${noGrok ? `skipped: ${noGrok}` : program})`, () => {
  test('a touch renews an expired login once, asks no model, and keeps the file private', async () => {
    const server = grokServer();
    const { context, read, file, account, isAlive } = await grokScene(server, EXPIRED);
    expect(await refresh(context())).toMatchObject({ status: 'refreshed', method: 'touch' });
    expect(Date.parse((await read())[GROK_SCOPE].expires_at)).toBeGreaterThan(Date.now() + 5 * HOUR);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await isAlive()).toBe(true);
    expect(await refresh(context())).toMatchObject({ status: 'fresh' });
    expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
    expect([...new Set(server.requests)].toSorted()).toEqual([
      'GET auth.x.ai/.well-known/openid-configuration',
      'GET cli-chat-proxy.grok.com/v1/sessions/search',
      'GET cli-chat-proxy.grok.com/v1/user',
      'POST auth.x.ai/oauth2/token',
    ]);
  }, 60_000);

  test('a forced touch renews a login that grok itself would not renew yet', async () => {
    const server = grokServer();
    const { context, isAlive } = await grokScene(server, { age: HOUR, left: 5 * HOUR });
    expect(await refresh(context())).toMatchObject({ status: 'fresh' });
    expect(await refresh(context({ force: true }))).toMatchObject({ status: 'refreshed' });
    expect(server.exchanges).toHaveLength(1);
    expect(await isAlive()).toBe(true);
  }, 60_000);

  test('a slow vendor is waited for, because grok would lose the new token', async () => {
    const server = grokServer({ latencyMs: 7_000 });
    const { context, isAlive } = await grokScene(server, EXPIRED);
    expect(await refresh(context())).toMatchObject({ status: 'refreshed' });
    expect(await isAlive()).toBe(true);
  }, 60_000);

  test('a login that the vendor has ended needs a new sign-in, because grok removes it', async () => {
    const server = grokServer();
    const { context, account } = await grokScene(server, EXPIRED);
    server.end(account);
    expect(await refresh(context(), false)).toMatchObject({
      status: 'login-required',
      proof: expect.stringContaining('emptied'),
    });
  }, 60_000);

  test.each<[string, GrokMood, object]>([
    ['is out of order', 503, { code: 'KA_OFFLINE' }],
    ['wants fewer requests', 429, { status: 'rate-limited' }],
    ['is blocked on the way', 403, { code: 'KA_INTERCEPTED' }],
    ['is replaced by a captive portal', 'shows a page', { code: 'KA_INTERCEPTED' }],
    ['hangs up', 'hangs up', { code: 'KA_OFFLINE' }],
    ['answers 401 without a code', 401, { code: 'KA_OFFLINE' }],
    ['no longer knows this grok', 'knows no client', { code: 'KA_OFFLINE' }],
  ])(
    'a vendor that %s ends no login',
    async (_name, mood, expected) => {
      const { context, isAlive } = await grokScene(grokServer({ mood }), EXPIRED);
      expect(await refresh(context(), false)).toMatchObject(expected);
      expect(await isAlive()).toBe(true);
    },
    60_000,
  );

  test(
    'a touch beside two groks of the user spends the token once, even if one reuse would end the login',
    async () => {
      const server = grokServer({ latencyMs: 300 });
      const survived = await playRounds(async () => {
        const { context, exec, isAlive } = await grokScene(server, EXPIRED);
        const own = () => exec(program ?? '', ['sessions', 'list']);
        await Promise.all([own(), refresh(context()), own()]);
        return isAlive();
      });
      expect(survived).toEqual(ROUNDS.map(() => true));
      expect(server.exchanges.map(({ answer }) => answer)).toEqual(ROUNDS.map(() => 'renewed'));
    },
    ROUNDS_TIMEOUT_MS,
  );
});
