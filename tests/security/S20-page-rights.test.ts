import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { isRecord } from '../../sdk/base/json.ts';
import { refuseToPage } from '../../server/page-rights.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';

const HOUR = 3_600_000;
const login = (name: string) =>
  codexLogin({
    issuedAt: Date.now() - HOUR,
    expiresAt: Date.now() + 200 * HOUR,
    refreshedAt: Date.now() - HOUR,
    refresh: `CANARY-${name}`,
    account: name,
  });
const WORK = { plugin: 'codex', options: { id: 'codex-work', home: '~/.codex-work' } };

/** A program that has a copy of the page's cookie and address, and its answers from the API. */
async function thief({ client }: Daemon) {
  const entered = await fetch((await client.request('page/open')).url, { redirect: 'manual' });
  const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { host, pathname, origin } = new URL(entered.headers.get('location') ?? '', entered.url);
  const socket = new WebSocket(`ws://${host}${pathname}rpc`, 'keepalive.v1', { headers: { cookie, origin } });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const changes: { readonly login: string; readonly state: { readonly name: string } }[] = [];
  socket.on('message', data => {
    const { method, params } = JSON.parse(String(data));
    if (method === 'login/didChange') changes.push(params);
  });
  /** The id of its sign-in, once that is in this state. */
  const said = async (name: string): Promise<string> => {
    await expect.poll(() => changes.at(-1)?.state.name).toBe(name);
    return changes.at(-1)?.login ?? '';
  };
  const say = async (message: unknown, isMeant: (answer: unknown) => boolean): Promise<unknown> => {
    const answered = new Promise<unknown>(resolve => {
      const listen = (data: unknown) => {
        const answer: unknown = JSON.parse(String(data));
        if (!isMeant(answer)) return;
        socket.off('message', listen);
        resolve(answer);
      };
      socket.on('message', listen);
    });
    socket.send(JSON.stringify(message));
    return answered;
  };
  const request = (method: string, params: unknown) =>
    say({ jsonrpc: '2.0', id: 1, method, params }, answer => isRecord(answer) && answer['id'] === 1);
  const batch = (method: string, params: unknown) => say([{ jsonrpc: '2.0', id: 2, method, params }], Array.isArray);
  return { request, batch, say, said };
}

const NOT_ALLOWED = { error: { code: 1, data: { code: 'KA_PAGE_NOT_ALLOWED' } } };

describe('S20: a copy of a page', () => {
  test('runs no program of its choice, which the command line may do', async () => {
    const home = temporaryHome({ '.codex/auth.json': login('main') });
    // The program need not be in the folder of Node.
    const daemon = await startDaemon(home, { env: { PATH: process.env['PATH'] } });
    const { request, batch, say } = await thief(daemon);
    const mark = (name: string) => join(home, `${name}.ran`);
    const touch = (id: string) => ({ plugin: 'command', options: { id, run: ['touch', mark(id)] } });
    expect(await request('session/add', touch('one'))).toMatchObject(NOT_ALLOWED);
    expect(await batch('session/add', touch('two'))).toMatchObject([NOT_ALLOWED]);
    // A request without an id has no answer. The next one is answered after it.
    void say({ jsonrpc: '2.0', method: 'session/add', params: touch('three') }, () => false);
    await request('kernel/info', undefined);
    await daemon.client.request('session/add', touch('mine'));
    await expect.poll(() => existsSync(mark('mine')), { timeout: 20_000 }).toBe(true);
    expect(['one', 'two', 'three'].filter(name => existsSync(mark(name)))).toEqual([]);
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).added).toEqual([touch('mine')]);
  });

  test('lets in no other browser, also after it was closed', async () => {
    const daemon = await startDaemon(temporaryHome());
    const { request } = await thief(daemon);
    expect(await request('page/open', {})).toMatchObject(NOT_ALLOWED);
    const { url } = await daemon.client.request('page/open');
    expect(await daemon.client.request('page/close')).toEqual({ closed: 1 });
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(401);
  });

  test('keeps alive what the page offers: logins of known tools in their own folders', async () => {
    const home = temporaryHome({ '.codex/auth.json': login('main'), '.codex-work/auth.json': login('work') });
    const { request } = await thief(await startDaemon(home));
    expect(await request('session/add', WORK)).toMatchObject({ result: { id: 'codex-work', added: true } });
    expect(await request('session/remove', { id: 'codex-work' })).toMatchObject({ result: null });
  });
});

describe('S20: a warm-up of a copy of a page', () => {
  const MORNING = { id: 'morning', session: 'codex', at: ['06:00'], timezone: 'UTC' };

  test('is shown, priced, added, resumed and removed, and names no program, file or prompt', async () => {
    const home = temporaryHome({ '.codex/auth.json': login('main') });
    const { request } = await thief(await startDaemon(home));
    const added = () => JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).added ?? [];
    const mark = join(home, 'program.ran');
    const odd = [
      ...['program', 'run', 'prompt', 'home', 'cwd', 'isolated', 'env'].map(name => ({ [name]: mark })),
      ...['--config=x', '-c', 'a b', '/tmp/x', ''].map(model => ({ model })),
      ...['--help', '../x', 'A', ''].map(id => ({ id })),
      ...['--help', '../codex', ''].map(session => ({ session })),
    ];
    for (const method of ['warmup/cost', 'warmup/add'])
      for (const changed of odd)
        expect([changed, await request(method, { options: { ...MORNING, ...changed } })]).toMatchObject([
          changed,
          { error: { code: expect.any(Number) } },
        ]);
    expect([existsSync(mark), existsSync(join(home, 'settings.json')) && added()]).toEqual([false, false]);

    const command = expect.arrayContaining(['codex', 'exec']);
    expect(await request('warmup/cost', { options: MORNING })).toMatchObject({ result: { command } });
    expect(await request('warmup/add', { options: MORNING })).toMatchObject({ result: { ...MORNING, added: true } });
    expect(added()).toEqual([{ plugin: 'warmup', options: MORNING }]);
    expect(await request('warmup/list', {})).toMatchObject({ result: [MORNING] });
    expect(await request('warmup/history', {})).toMatchObject({ result: [] });
    expect(await request('warmup/resume', { id: 'morning' })).toMatchObject({ result: MORNING });
    expect(await request('session/add', { plugin: 'warmup', options: MORNING })).toMatchObject(NOT_ALLOWED);
    expect(await request('warmup/remove', { id: 'morning' })).toMatchObject({ result: null });
    expect(added()).toEqual([]);
  });
});

describe('S20: a sign-in of a copy of a page', () => {
  const TOOL = fileURLToPath(new URL('../support/sign-in/vendor-tool.mjs', import.meta.url));
  const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });

  async function needsLogin() {
    const home = temporaryHome({ 'tool/login.json': DEAD });
    const config = { plugins: [[TOOL, { folder: join(home, 'tool'), asks: true }], 'ui-web'] };
    writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
    const daemon = await startDaemon(home, { args: ['--config', join(home, 'keepalive.config.json')] });
    await untilSession(daemon, 'tool', ({ state }) => state.name === 'halted');
    return { home, daemon };
  }

  test('does not see, answer or cancel the one of another client', async () => {
    const { daemon } = await needsLogin();
    const { request } = await thief(daemon);
    const { login } = await daemon.client.request('login/start', { id: 'tool' });
    const refused = (code: string) => ({ error: { data: { code } } });
    expect(await request('login/start', { id: 'tool' })).toMatchObject(refused('KA_LOGIN_RUNNING'));
    expect(await request('login/start', { id: 'tool', login })).toMatchObject(refused('KA_LOGIN_NOT_FOUND'));
    expect(await request('login/answer', { login, text: 'good' })).toMatchObject(refused('KA_LOGIN_NOT_FOUND'));
    expect(await request('login/cancel', { login })).toMatchObject(refused('KA_LOGIN_NOT_FOUND'));
  });

  test('with another account does not make the session alive before it is confirmed', async () => {
    const { daemon } = await needsLogin();
    const { request, said } = await thief(daemon);
    expect(await request('login/start', { id: 'tool' })).toMatchObject({ result: { session: 'tool' } });
    const login = await said('code');
    await request('login/answer', { login, text: 'other' });
    await said('confirm');
    expect((await daemon.client.request('session/get', { id: 'tool' })).state.name).toBe('halted');
    await request('login/answer', { login, text: 'refuse' });
    await untilSession(daemon, 'tool', ({ state }) => state.name === 'halted' && state.why === 'paused');
  });
});

describe('S20: what a page may add', () => {
  const codex = (options: Readonly<Record<string, unknown>>) => ({ plugin: 'codex', options });
  const userHome = join(tmpdir(), 'me');
  const isAllowed = (addition: { plugin: string; options: Readonly<Record<string, unknown>> }) => {
    const before = process.env['HOME'];
    process.env['HOME'] = userHome;
    try {
      refuseToPage('session/add', addition);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'KA_PAGE_NOT_ALLOWED' });
      return false;
    } finally {
      process.env['HOME'] = before;
    }
  };

  test.each([
    codex({}),
    codex({ id: 'codex-work' }),
    codex({ home: '~/.codex-work' }),
    codex({ home: join(userHome, '.codex-work') }),
    { plugin: 'augment', options: {} },
  ])('%o is allowed', addition => {
    expect(isAllowed(addition)).toBe(true);
  });

  test.each([
    // Any JSON file of the user would be sent to any address, and written with what it answers.
    { plugin: 'oauth', options: { id: 'a', file: '~/.claude/settings.json' } },
    { plugin: 'cookies', options: { id: 'a', jar: '~/.bashrc' } },
    { plugin: 'command', options: { id: 'a', run: ['id'] } },
    { plugin: './mine.mjs', options: {} },
    codex({ program: '/tmp/codex' }),
    codex({ program: undefined }),
    codex({ method: 'touch' }),
    // A folder that another user, or a download, may have filled: the tool runs what its folder says.
    codex({ home: '/tmp/codex' }),
    codex({ home: '~/Downloads' }),
    codex({ home: '~/.cache/x' }),
    codex({ home: '~/.codex-work/../Downloads' }),
    codex({ home: '~' }),
    codex({ home: '.codex-work' }),
    codex({ home: '~other/.codex' }),
    codex({ home: ['~/.codex-work'] }),
  ])('%o is not', addition => {
    expect(isAllowed(addition)).toBe(false);
  });
});
