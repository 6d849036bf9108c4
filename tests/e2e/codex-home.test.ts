import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codexServer } from '../support/vendors/codex-server.ts';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Due for us but not yet for codex itself, so a codex that runs on this machine makes no difference. */
const DUE = { age: HOUR, left: 15 * MINUTE };
const config = JSON.stringify({ plugins: ['codex'] });

test.concurrent('a codex login in the second half of its life is refreshed once until it is due again', async () => {
  const vendor = await codexServer();
  const login = vendor.signIn(DUE);
  const home = temporaryHome({ 'keepalive.config.json': config, '.codex/auth.json': login.text });
  const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${vendor.url}/oauth/token`, PATH: join(home, 'nothing-here') };
  const first = await startDaemon(home, { env });
  const alive = await untilSession(first, 'codex', ({ lastAttempt }) => lastAttempt !== undefined);
  expect(alive).toMatchObject({
    state: { name: 'alive' },
    method: 'redeem',
    lastAttempt: { outcome: 'refreshed', reason: 'schedule' },
  });
  expect(alive.nextAttemptAt).toBeGreaterThan(Date.now() + 50 * MINUTE);
  expect(vendor.isAlive(login.account, readFileSync(join(home, '.codex/auth.json'), 'utf8'))).toBe(true);

  // A second refresh without force, and a restart after a kill, find nothing due.
  await first.client.request('session/refresh', { id: 'codex' });
  first.child.kill('SIGKILL');
  await first.done;
  const second = await startDaemon(home, { env });
  expect(await second.client.request('session/get', { id: 'codex' })).toMatchObject({
    state: { name: 'alive' },
    expiresAt: alive.expiresAt,
  });
  expect(vendor.exchanges).toEqual([{ account: login.account, answer: 'renewed' }]);
});

test.concurrent('two codex homes under two ids do not affect each other', async () => {
  const vendor = await codexServer();
  const [one, two] = [vendor.signIn(DUE), vendor.signIn(DUE)];
  const home = temporaryHome({
    'keepalive.config.json': JSON.stringify({
      plugins: ['codex', ['codex', { id: 'codex-work', home: '~/.codex-work' }]],
    }),
    '.codex/auth.json': one.text,
    '.codex-work/auth.json': two.text,
  });
  const daemon = await startDaemon(home, {
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${vendor.url}/oauth/token`, PATH: join(home, 'nothing-here') },
  });
  await Promise.all(
    ['codex', 'codex-work'].map(id =>
      untilSession(daemon, id, ({ lastAttempt }) => lastAttempt?.outcome === 'refreshed'),
    ),
  );
  expect(vendor.isAlive(one.account, readFileSync(join(home, '.codex/auth.json'), 'utf8'))).toBe(true);
  expect(vendor.isAlive(two.account, readFileSync(join(home, '.codex-work/auth.json'), 'utf8'))).toBe(true);
});

test.concurrent.each([
  [
    'a home without a login',
    undefined,
    { name: 'halted', why: 'unavailable', hint: expect.stringContaining('codex login') },
  ],
  ['a file of garbage', '{"tokens": {', { name: 'waiting', why: 'backoff', failures: 1 }],
  [
    'an API key',
    '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-canary-canary-canary"}',
    { name: 'halted', why: 'unavailable' },
  ],
])('%s is reported, and nothing is sent or written', async (_what, text, state) => {
  const vendor = await codexServer();
  const home = temporaryHome({
    'keepalive.config.json': config,
    ...(text === undefined ? {} : { '.codex/auth.json': text }),
  });
  const daemon = await startDaemon(home, {
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${vendor.url}/oauth/token`, PATH: join(home, 'nothing-here') },
  });
  expect(await untilSession(daemon, 'codex', ({ lastAttempt }) => lastAttempt !== undefined)).toMatchObject({ state });
  expect(vendor.exchanges).toEqual([]);
  expect(
    existsSync(join(home, '.codex/auth.json')) ? readFileSync(join(home, '.codex/auth.json'), 'utf8') : undefined,
  ).toBe(text);
});

test.concurrent('an unreachable endpoint is a network error: the session backs off without a notice', async () => {
  const vendor = await codexServer();
  const login = vendor.signIn(DUE);
  const home = temporaryHome({ 'keepalive.config.json': config, '.codex/auth.json': login.text });
  const daemon = await startDaemon(home, {
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: 'http://127.0.0.1:9/oauth/token', PATH: join(home, 'nothing-here') },
  });
  expect(await untilSession(daemon, 'codex', ({ lastAttempt }) => lastAttempt !== undefined)).toMatchObject({
    state: { name: 'waiting', why: 'offline', failures: 0 },
    lastAttempt: { outcome: 'offline', code: 'KA_OFFLINE' },
  });
  expect(await daemon.client.request('notice/list')).toEqual([]);
});
