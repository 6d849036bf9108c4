import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import type { Finding, Tool } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { TEMPORARY } from '../support/io/temporary.ts';
import { onTestFinished } from '../support/running-test.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';
import { signIn } from '../support/vendors/tools.ts';
import { environment, KEEPALIVE, run, startDaemon, temporaryHome, type Daemon } from '../support/daemon/daemon.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOUR = 3_600_000;
const CONFIG = 'keepalive.config.json';
const AUTH = '.codex/auth.json';
const codex = () =>
  codexLogin({ issuedAt: Date.now() - HOUR, expiresAt: Date.now() + 200 * HOUR, refreshedAt: Date.now() });
const claude = () => claudeLogin({ expiresAt: Date.now() + 5 * HOUR });
const configured = (plugins: readonly unknown[]) => ({ [CONFIG]: JSON.stringify({ plugins }) });
/** No vendor is reached. */
const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };

const untilSession = (
  { client }: Daemon,
  id: string,
  wanted: (session: Session) => boolean = () => true,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = client.on('session/didChange', session => look(session));
    const look = (session: Session | undefined) => {
      if (session?.id !== id || !wanted(session)) return;
      void stop();
      resolve();
    };
    client.request('session/list').then(all => look(all.find(session => session.id === id)), reject);
  });

const toolIn = async ({ client }: Daemon, plugin: string): Promise<Tool | undefined> =>
  (await client.request('tool/list')).find(tool => tool.plugin === plugin);

describe.concurrent('a sign-in while the daemon runs', () => {
  test.each(Object.keys(signIn))('with %s is noticed without a restart', async tool => {
    const home = temporaryHome();
    const daemon = await startDaemon(home, { env });
    const plugin = tool.replace(/,.*/, '');
    expect(await toolIn(daemon, plugin)).toMatchObject({ status: 'missing', sessions: [] });
    await signIn[tool]?.(home);
    await untilSession(daemon, plugin);
    expect(await toolIn(daemon, plugin)).toMatchObject({ status: 'kept', sessions: [plugin] });
  });

  test('is noticed after its folder was replaced', async () => {
    const home = temporaryHome({ '.codex/config.toml': '' });
    const daemon = await startDaemon(home, { env });
    renameSync(join(home, '.codex'), join(home, '.codex.old'));
    mkdirSync(join(home, '.codex'));
    writeFileSync(join(home, AUTH), codex(), { mode: 0o600 });
    await untilSession(daemon, 'codex');
    expect(await toolIn(daemon, 'codex')).toMatchObject({ status: 'kept' });
  });

  test('is noticed with the configuration that `config init` writes on an empty machine', async () => {
    const home = temporaryHome();
    expect(await run(KEEPALIVE, ['config', 'init'], home)).toMatchObject({ code: 0 });
    const daemon = await startDaemon(home, { env });
    expect(await daemon.client.request('config/show')).toMatchObject({ file: join(home, 'keepalive.config.ts') });
    await signIn['gemini']?.(home);
    await untilSession(daemon, 'gemini');
  });

  test('a program that was installed since is found when the tools are listed', async () => {
    const home = temporaryHome();
    const daemon = await startDaemon(home, { env });
    const program = join(home, '.local/bin/codex');
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o700);
    expect(await toolIn(daemon, 'codex')).toMatchObject({
      status: 'signed-out',
      program,
      action: expect.stringContaining('`codex login`'),
    });
    await untilSession(daemon, 'codex');
  });
});

describe.concurrent("'auto' in a configuration", () => {
  test("keeps what is found, beside the user's entries, which have precedence", async () => {
    const plugins = ['auto', ['codex', { method: 'observe' }], ['claude', { id: 'claude-work', home: '~/work' }]];
    const home = temporaryHome({
      ...configured(plugins),
      [AUTH]: codex(),
      '.claude/.credentials.json': claude(),
      'work/.credentials.json': claudeLogin({ expiresAt: Date.now() + 5 * HOUR, refresh: 'CANARY-refresh-work' }),
    });
    const { client } = await startDaemon(home, { env });
    const sessions = await client.request('session/list');
    expect(sessions.map(({ id }) => id)).toEqual(['claude', 'codex', 'claude-work']);
    expect((await client.request('plugin/list')).filter(({ status }) => status !== 'loaded')).toEqual([]);
  });

  test('keeps no login twice, and no tool that an entry of the user already names', async () => {
    const home = temporaryHome({ ...configured([['codex', { id: 'main' }], 'auto']), [AUTH]: codex() });
    const { client } = await startDaemon(home, { env });
    expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['main']);
    expect((await client.request('tool/list')).find(({ plugin }) => plugin === 'codex')).toMatchObject({
      status: 'kept',
      sessions: ['main'],
    });
  });

  test.each([[['auto', {}]], [['auto']]])('takes no options', async entry => {
    const { code, stderr } = await run(KEEPALIVE, ['check'], temporaryHome(configured([entry])));
    expect([code, stderr]).toEqual([7, expect.stringMatching(/plugins\[0\].*expected 'auto' alone/)]);
  });

  test('in YAML, and with a typing error', async () => {
    const home = temporaryHome({ 'keepalive.config.yaml': 'plugins: [auto, atuo]\n', [AUTH]: codex() });
    const { client } = await startDaemon(home, { env });
    expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['codex']);
    await vi.waitFor(async () => {
      const found = (await client.request('plugin/list')).find(({ module }) => module === 'atuo');
      expect(found).toMatchObject({ status: 'failed', error: { code: 'KA_PLUGIN_NOT_FOUND' } });
    }, 15_000);
  });
});

test.concurrent('a login that the configuration leaves out is offered', async () => {
  const home = temporaryHome({ ...configured([['codex', { id: 'codex-work', home: '~/work' }]]), [AUTH]: codex() });
  expect(await toolIn(await startDaemon(home, { env }), 'codex')).toMatchObject({
    status: 'not-kept',
    sessions: ['codex-work'],
    places: [join(home, AUTH)],
    offer: { plugin: 'codex', options: {} },
    action: 'To keep it alive, run `keepalive add codex`.',
  });
});

test.concurrent("auggie's login for a foreign address is found, and why it is not used is said", async () => {
  const login = { accessToken: 'CANARY-token', tenantURL: 'https://augment.example/', scopes: ['email'] };
  const home = temporaryHome({ '.augment/session.json': JSON.stringify(login) });
  const { stdout } = await run(KEEPALIVE, ['doctor', '--json'], home);
  const findings: readonly Finding[] = JSON.parse(stdout);
  expect(findings).toContainEqual({
    level: 'warning',
    subject: 'augment',
    message: expect.stringContaining(join(home, '.augment/session.json')),
    action: expect.stringMatching(/^Its tenantURL is not an https:\/\/ address of augmentcode\.com/),
  });
});

describe.concurrent('the settings page', () => {
  const example = (file: string): string =>
    /```ts\n(import \{ defineConfig \}.*?)```/s.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? '';

  test.each(['README.md', 'docs/configuration.md'])('is served with the first configuration in %s', async file => {
    expect(example(file)).not.toBe('');
    const { client } = await startDaemon(temporaryHome({ 'keepalive.config.ts': example(file) }), { env });
    expect(await client.request('page/open', {})).toMatchObject({ url: expect.stringContaining('http://127.0.0.1:') });
  });

  test('is switched off by the configuration, and is then not offered', async () => {
    const { client } = await startDaemon(temporaryHome(configured([['ui-web', { serve: false }]])));
    await expect(client.request('page/open', {})).rejects.toMatchObject({ code: 'KA_PAGE_NOT_SERVED' });
    expect((await client.request('plugin/list')).map(({ module }) => module)).toEqual(['notify-desktop']);
  });

  test('has no other options', async () => {
    const { code, stderr } = await run(KEEPALIVE, ['check'], temporaryHome(configured([['ui-web', { server: 1 }]])));
    expect([code, stderr]).toEqual([7, expect.stringContaining('plugins[0][1]')]);
  });
});

test.concurrent('in a clone, its example is neither used nor announced, and what is found is kept', async () => {
  const home = temporaryHome();
  await signIn['gemini']?.(home);
  const link = join(mkdtempSync(join(TEMPORARY, 'clone-')), 'link');
  onTestFinished(() => rmSync(dirname(link), { recursive: true }));
  symlinkSync(ROOT, link);
  for (const cwd of [ROOT, link]) {
    const child = spawn(process.execPath, [KEEPALIVE, 'check', '--json'], { cwd, env: environment(home, env) });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject([{ id: 'gemini' }]);
  }
  const named = await run(KEEPALIVE, ['config', 'path', '--config', join(ROOT, 'keepalive.config.ts')], home);
  expect(named.stdout.trim()).toBe(join(ROOT, 'keepalive.config.ts'));
});

test.concurrent('a login that was removed while no daemon ran stays in the list, with a notice', async () => {
  const settings = { version: 1, sessions: { codex: { minInterval: '100ms' } } };
  const home = temporaryHome({ [AUTH]: codex(), 'settings.json': JSON.stringify(settings) });
  const first = await startDaemon(home, { env });
  await untilSession(first, 'codex', ({ lastSuccessAt }) => lastSuccessAt !== undefined);
  await first.client.request('kernel/stop');
  await first.done;
  rmSync(join(home, AUTH));
  const second = await startDaemon(home, { env });
  await untilSession(second, 'codex', ({ state }) => state.name === 'halted' && state.why === 'unavailable');
  expect(await second.client.request('notice/list')).toMatchObject([
    { session: 'codex', body: expect.stringContaining('kept alive until') },
  ]);
});
