import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import practice from '../../plugins/practice/index.ts';
import { startTokenServer } from '../../plugins/practice/token-server.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';

test('the practice session is renewed at once, and again after half a minute', async () => {
  const folder = await temporaryFolder();
  const plugin = practice({ dir: join(folder, 'practice') });
  const begin = Date.now();
  const at = (seconds: number) => realContext(folder, { now: () => begin + seconds * 1_000, refreshBefore: 30_000 });
  expect(await plugin.inspect?.(at(0))).toMatchObject({ present: true });
  expect(await plugin.refresh(at(0))).toMatchObject({ status: 'refreshed', expiresAt: new Date(begin + 60_000) });
  expect(await plugin.refresh(at(29))).toMatchObject({ status: 'fresh', expiresAt: new Date(begin + 60_000) });
  expect(await plugin.refresh(at(30))).toMatchObject({ status: 'refreshed', expiresAt: new Date(begin + 90_000) });
  const seen = await plugin.inspect?.(at(30));
  expect(seen).toMatchObject({ present: true, expiresAt: new Date(begin + 90_000) });
  // No frontend offers to sign in to what has no store.
  expect(seen).not.toHaveProperty('store');
  expect((await stat(join(folder, 'practice', 'token.json'))).mode & 0o777).toBe(0o600);
});

test('a restart signs in again', async () => {
  const folder = await temporaryFolder();
  const tokens = async () => {
    await practice({ dir: folder }).refresh(realContext(folder, { force: true }));
    return readFile(join(folder, 'token.json'), 'utf8');
  };
  expect(await tokens()).not.toBe(await tokens());
});

test('a token works once; reuse revokes only its family', async () => {
  const { url, signIn } = await startTokenServer(60);
  const send = async (token: string, grant_type = 'refresh_token') => {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ grant_type, refresh_token: token }),
    });
    const { refresh_token } = (await response.json()) as { refresh_token?: string };
    return { status: response.status, token: refresh_token ?? '' };
  };
  const [first, other] = [signIn(), signIn()];
  const second = await send(first.refresh);
  expect(second.status).toBe(200);
  expect(await send(first.refresh)).toMatchObject({ status: 400 });
  expect(await send(second.token)).toMatchObject({ status: 400 });
  expect(await send(other.refresh)).toMatchObject({ status: 200 });
  expect(await send(other.refresh, 'password')).toMatchObject({ status: 400 });
  expect(await send('nonsense')).toMatchObject({ status: 400 });
});
