import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import { startDaemon, untilSession } from '../support/daemon/daemon.ts';
import { certifiedServer } from '../support/vendors/certified-server.ts';
import { oauthHome } from '../support/vendors/oauth-home.ts';

test('a user signs in to an oauth session whose login is over, with a code, and it is alive', async () => {
  const { tokenEndpoint, deviceEndpoint, clientId, clientSecret, scope, decide } = await certifiedServer();
  const { home, held } = oauthHome(tokenEndpoint, { options: { deviceEndpoint, clientId, clientSecret, scope } });
  const daemon = await startDaemon(home, { args: ['--config', join(home, 'keepalive.config.json')] });
  await untilSession(daemon, 'acme', ({ state }) => state.name === 'halted');
  const states: LoginState[] = [];
  daemon.client.on('login/didChange', ({ state }) => states.push(state));
  const started = await daemon.client.request('login/start', { id: 'acme', device: true });
  expect(started).toMatchObject({ steps: ['open'], hosts: [new URL(deviceEndpoint).host], account: 'acme account' });
  await expect.poll(() => states.at(-1)?.name).toBe('open');
  const open = states.find(state => state.name === 'open');
  expect(held()).toBe('refresh-0');
  await decide(open?.userCode ?? '', { accountId: 'someone' });
  await expect.poll(() => states.at(-1)?.name, { timeout: 20_000 }).toBe('done');
  await untilSession(daemon, 'acme', ({ state }) => state.name === 'alive');
  const { access_token: access, refresh_token: refresh } = JSON.parse(readFileSync(join(home, 'token.json'), 'utf8'));
  const log = readFileSync(join(home, 'keepalived.log'), 'utf8');
  for (const secret of [open?.userCode ?? '', open?.url ?? '', access, refresh]) expect(log).not.toContain(secret);
}, 60_000);
