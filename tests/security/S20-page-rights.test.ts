import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { isRecord } from '../../sdk/base/json.ts';
import { refuseToPage } from '../../server/page-rights.ts';
import { startDaemon, temporaryHome, type Daemon } from '../support/daemon/daemon.ts';
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
  const say = async (message: unknown, isMeant: (answer: unknown) => boolean): Promise<unknown> => {
    const answered = new Promise<unknown>(resolve => {
      socket.on('message', data => {
        const answer: unknown = JSON.parse(String(data));
        if (isMeant(answer)) resolve(answer);
      });
    });
    socket.send(JSON.stringify(message));
    return answered;
  };
  const request = (method: string, params: unknown) =>
    say({ jsonrpc: '2.0', id: 1, method, params }, answer => isRecord(answer) && answer['id'] === 1);
  const batch = (method: string, params: unknown) => say([{ jsonrpc: '2.0', id: 2, method, params }], Array.isArray);
  return { request, batch, say };
}

const NOT_ALLOWED = { error: { code: 1, data: { code: 'KA_PAGE_NOT_ALLOWED' } } };

describe('S20: a copy of a page', () => {
  test('runs no program of its choice, which the command line may do', async () => {
    const home = temporaryHome({ '.codex/auth.json': login('main') });
    const daemon = await startDaemon(home);
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
