import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ntfyServer } from '../support/channels/ntfy-server.ts';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';

const TOOL = fileURLToPath(new URL('../support/sign-in/vendor-tool.mjs', import.meta.url));
const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });

test('a notice names the command, and is withdrawn everywhere after the sign-in', async () => {
  const home = temporaryHome({ 'tool/login.json': DEAD });
  const [topic, token] = ['my-topic', 'tk_secret'];
  const ntfy = await ntfyServer({ topic, token });
  const config = join(home, 'keepalive.config.json');
  const notifier = ['notify-ntfy', { server: ntfy.url, topic, token, machine: 'nas' }];
  const plugins = [[TOOL, { folder: join(home, 'tool') }], notifier];
  writeFileSync(config, JSON.stringify({ plugins, notices: { digest: '0s' } }));
  const daemon = await startDaemon(home, { args: ['--config', config] });
  const { client } = daemon;

  const { signIn, state } = await untilSession(daemon, 'tool', one => one.state.name === 'halted');
  expect(signIn).toBe('again');
  expect(state).toMatchObject({ hint: expect.stringContaining('tool login') });
  const action = 'Run `keepalive login tool`.';
  expect(await client.request('notice/list')).toMatchObject([{ code: 'login-required', action }]);
  await expect.poll(() => ntfy.phone()).toMatchObject([{ message: expect.stringContaining(`On nas: ${action}`) }]);

  const states: string[] = [];
  client.on('login/didChange', change => states.push(change.state.name));
  const { login } = await client.request('login/start', { id: 'tool' });
  await expect.poll(() => states).toContain('code');
  await client.request('login/answer', { login, text: 'good' });
  await expect.poll(() => states).toContain('done');

  expect(await client.request('notice/list')).toEqual([]);
  // Only the good news is left on the phone.
  await expect.poll(() => ntfy.phone()).toMatchObject([{ title: expect.stringContaining('is alive again') }]);
  for (const file of ['states.json', 'notices.json'])
    expect(readFileSync(join(home, file), 'utf8')).not.toMatch(/vendor\.example|CANARY/);
});
