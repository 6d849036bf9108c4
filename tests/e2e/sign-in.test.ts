import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { isRecord } from '../../sdk/base/json.ts';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';

const TOOL = fileURLToPath(new URL('../support/sign-in/vendor-tool.mjs', import.meta.url));
const DEAD = JSON.stringify({ account: 'm…@example.com', token: 'CANARY-old', dead: true });

/** A plugin whose attempt lasts until there is a file. */
const SLOW = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default ({ id, until }) => ({
  kind: 'provider', id, displayName: 'Slow',
  refresh: async () => {
    while (!existsSync(until)) await setTimeout(20);
    return { status: 'fresh' };
  },
});
`;

/** A home whose only session needs a login. */
const homeWith = (login = DEAD): string => temporaryHome({ 'tool/login.json': login });

const configured = async (home: string, options: object = {}) => {
  const config = { logLevel: 'debug', plugins: [[TOOL, { folder: join(home, 'tool'), ...options }]] };
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
  const daemon = await startDaemon(home, { args: ['--config', join(home, 'keepalive.config.json')] });
  await untilSession(daemon, 'tool', ({ state }) => state.name === 'halted');
  return daemon;
};

/** Starts a sign-in and collects its states. */
async function signIn(client: KeepaliveClient, device = false) {
  const states: LoginState[] = [];
  client.on('login/didChange', ({ state }) => states.push(state));
  const started = await client.request('login/start', { id: 'tool', device });
  const reached = async (name: LoginState['name'], count = 1) =>
    await expect.poll(() => states.filter(state => state.name === name).length).toBeGreaterThanOrEqual(count);
  return { started, states, reached };
}

describe('a sign-in', () => {
  test('asks for the code again until it is good, and then the session is alive', async () => {
    const home = homeWith();
    const daemon = await configured(home);
    const { client } = daemon;
    const { started, states, reached } = await signIn(client);
    expect(started).toMatchObject({ session: 'tool', steps: ['code'], hosts: ['vendor.example'] });
    await reached('code');
    expect(readFileSync(join(home, 'tool/login.json'), 'utf8')).toBe(DEAD);
    await client.request('login/answer', { login: started.login, text: 'wrong' });
    await reached('code', 2);
    expect(readFileSync(join(home, 'tool/login.json'), 'utf8')).toBe(DEAD);
    await client.request('login/answer', { login: started.login, text: 'good' });
    await reached('done');
    expect(states.map(({ name }) => name)).toEqual(['starting', 'code', 'code', 'checking', 'done']);
    await untilSession(daemon, 'tool', ({ state }) => state.name === 'alive');
  });

  test('with another account counts only when the user keeps it', async () => {
    const { client } = await configured(homeWith());
    const { started, states, reached } = await signIn(client);
    await reached('code');
    await client.request('login/answer', { login: started.login, text: 'other' });
    await reached('confirm');
    expect(states.at(-1)).toEqual({ name: 'confirm', before: 'm…@example.com', after: 'o…@example.com' });
    expect((await client.request('session/get', { id: 'tool' })).state.name).toBe('halted');
    await client.request('login/answer', { login: started.login, text: 'keep' });
    await reached('done');
  });

  test('that is cancelled leaves the store byte for byte as it was', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const { started, states, reached } = await signIn(client, true);
    await reached('open');
    await client.request('login/cancel', { login: started.login });
    await reached('cancelled');
    expect(states.at(-1)).toEqual({ name: 'cancelled' });
    expect(readFileSync(join(home, 'tool/login.json'), 'utf8')).toBe(DEAD);
  });

  test('writes no code to the log, although the plugin does', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const { started, reached } = await signIn(client);
    await reached('code');
    await client.request('login/answer', { login: started.login, text: 'CANARY-pasted-code' });
    await reached('code', 2);
    const log = () => readFileSync(join(home, 'keepalived.log'), 'utf8');
    await expect.poll(log).toContain('a code was not accepted');
    expect(log()).not.toContain('CANARY-pasted');
  });

  test('holds back an attempt that was waiting for its turn', async () => {
    const home = temporaryHome({ 'tool/login.json': DEAD, 'slow.mjs': SLOW });
    const config = join(home, 'keepalive.config.json');
    const slow = [join(home, 'slow.mjs'), { id: 'slow', until: join(home, 'go') }];
    writeFileSync(config, JSON.stringify({ concurrency: 1, plugins: [slow] }));
    const daemon = await startDaemon(home, { args: ['--config', config] });
    const { client } = daemon;
    await untilSession(daemon, 'slow', ({ state }) => state.name === 'refreshing');
    writeFileSync(config, JSON.stringify({ concurrency: 1, plugins: [slow, [TOOL, { folder: join(home, 'tool') }]] }));
    await client.request('kernel/reload');
    await untilSession(daemon, 'tool', ({ state }) => state.name === 'idle');
    const { reached } = await signIn(client);
    await reached('code');
    writeFileSync(join(home, 'go'), '');
    await untilSession(daemon, 'slow', ({ state }) => state.name === 'alive');
    await expect(client.request('session/refresh', { id: 'tool' })).rejects.toMatchObject({ code: 'KA_LOGIN_RUNNING' });
    expect((await client.request('session/get', { id: 'tool' })).lastAttempt).toBeUndefined();
  });

  test('that is cancelled after another account was stored pauses the session', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const { started, states, reached } = await signIn(client);
    await reached('code');
    await client.request('login/answer', { login: started.login, text: 'unfinished' });
    await expect.poll(() => existsSync(join(home, 'tool/written'))).toBe(true);
    await client.request('login/cancel', { login: started.login });
    await reached('cancelled');
    expect(states.at(-1)).toMatchObject({
      message: expect.stringContaining('o…@example.com, and the session is paused'),
    });
    expect((await client.request('session/get', { id: 'tool' })).state).toMatchObject({ why: 'paused' });
  });

  test('that the end of the daemon interrupts after another account was stored leaves the session paused', async () => {
    const home = homeWith();
    const { client, child, done } = await configured(home);
    const { started, reached } = await signIn(client);
    await reached('code');
    await client.request('login/answer', { login: started.login, text: 'unfinished' });
    await expect.poll(() => existsSync(join(home, 'tool/written'))).toBe(true);
    child.kill('SIGTERM');
    await done;
    const again = await configured(home);
    expect((await again.client.request('session/get', { id: 'tool' })).state).toMatchObject({ why: 'paused' });
  });

  test('with another account that is refused pauses the session, even if it was resumed meanwhile', async () => {
    const { client } = await configured(homeWith());
    const { started, reached } = await signIn(client);
    await reached('code');
    await client.request('login/answer', { login: started.login, text: 'other' });
    await reached('confirm');
    await client.request('session/resume', { id: 'tool' });
    await client.request('login/answer', { login: started.login, text: 'refuse' });
    await reached('failed');
    expect((await client.request('session/get', { id: 'tool' })).state).toMatchObject({ why: 'paused' });
  });

  test('with an account that was refused before has to be confirmed again', async () => {
    const { client } = await configured(homeWith());
    const first = await signIn(client);
    await first.reached('code');
    await client.request('login/answer', { login: first.started.login, text: 'other' });
    await first.reached('confirm');
    await client.request('login/answer', { login: first.started.login, text: 'refuse' });
    await first.reached('failed');
    const second = await signIn(client);
    await second.reached('code');
    await client.request('login/answer', { login: second.started.login, text: 'other' });
    await second.reached('confirm');
    expect(second.states.at(-1)).toEqual({ name: 'confirm', before: 'm…@example.com', after: 'o…@example.com' });
    await client.request('login/answer', { login: second.started.login, text: 'keep' });
    await second.reached('done');
    const third = await signIn(client);
    await third.reached('code');
    await client.request('login/answer', { login: third.started.login, text: 'other' });
    await third.reached('done');
  });

  test('ends if its client is gone while the new login is looked at', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const gone = await connect({ endpointFile: join(home, 'endpoint.json') });
    const { started, reached } = await signIn(gone);
    await reached('code');
    writeFileSync(join(home, 'tool/slow'), '');
    await gone.request('login/answer', { login: started.login, text: 'other' });
    await reached('checking');
    gone.close();
    await expect.poll(() => client.request('login/start', { id: 'tool' }).catch(() => undefined)).toBeDefined();
    expect((await client.request('session/get', { id: 'tool' })).state).toMatchObject({ why: 'paused' });
  });

  test('does not resume a session that is paused while the new login is looked at', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const { started, reached } = await signIn(client);
    await reached('code');
    writeFileSync(join(home, 'tool/slow'), '');
    await client.request('login/answer', { login: started.login, text: 'good' });
    await reached('checking');
    await client.request('session/pause', { id: 'tool' });
    await reached('cancelled');
    expect((await client.request('session/get', { id: 'tool' })).state).toMatchObject({ why: 'paused' });
  });
});

/** Another client of the daemon in this home. */
async function otherClient(home: string): Promise<KeepaliveClient> {
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  onTestFinished(() => client.close());
  return client;
}

/** An open settings page, which may connect several times. */
async function openPage({ client }: Daemon) {
  const entered = await fetch((await client.request('page/open')).url, { redirect: 'manual' });
  const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { host, pathname, origin } = new URL(entered.headers.get('location') ?? '', entered.url);
  return async () => {
    const socket = new WebSocket(`ws://${host}${pathname}rpc`, 'keepalive.v1', { headers: { cookie, origin } });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    const states: unknown[] = [];
    const answers: unknown[] = [];
    socket.on('message', data => {
      const message: unknown = JSON.parse(String(data));
      if (!isRecord(message)) return;
      if (message['method'] === 'login/didChange' && isRecord(message['params']))
        states.push(message['params']['state']);
      if ('id' in message) answers.push(message);
    });
    return {
      states,
      close: () => socket.close(),
      async ask(method: string, params: object): Promise<Record<string, unknown>> {
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: answers.length, method, params }));
        const { length } = answers;
        await expect.poll(() => answers.length).toBeGreaterThan(length);
        const answer = answers[length];
        return isRecord(answer) ? answer : {};
      },
    };
  };
}

const CODE = (code: string) => ({ error: { data: { code } } });

describe('the clients of a sign-in', () => {
  test('that did not start it see nothing of it, and cannot answer, cancel or start it', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const other = await otherClient(home);
    const heard: unknown[] = [];
    other.on('login/didChange', state => void heard.push(state));
    const { started, states, reached } = await signIn(client);
    await reached('code');
    const { login } = started;
    await expect(other.request('login/answer', { login, text: 'good' })).rejects.toMatchObject({
      code: 'KA_LOGIN_NOT_FOUND',
    });
    await expect(other.request('login/cancel', { login })).rejects.toMatchObject({ code: 'KA_LOGIN_NOT_FOUND' });
    for (const one of [other, client])
      await expect(one.request('login/start', { id: 'tool' })).rejects.toMatchObject({ code: 'KA_LOGIN_RUNNING' });
    await expect(client.request('session/refresh', { id: 'tool' })).rejects.toMatchObject({ code: 'KA_LOGIN_RUNNING' });
    expect([heard, states.at(-1)?.name]).toEqual([[], 'code']);
  });

  test('cannot start it in a POST, and not answer in the wrong state or with more than one line', async () => {
    const home = homeWith();
    const { client } = await configured(home);
    const { url, token } = JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8'));
    const posted = await fetch(url.replace('ws:', 'http:'), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'login/start', params: { id: 'tool' } }),
    });
    expect(await posted.json()).toMatchObject(CODE('KA_LOGIN_UNWATCHED'));
    const { started, reached } = await signIn(client, true);
    await reached('open');
    const answer = (text: string) => client.request('login/answer', { login: started.login, text });
    await expect(answer('good')).rejects.toMatchObject({ code: 'KA_LOGIN_NOT_WAITING' });
    for (const text of ['', ' ', 'a\nb', '\u001b[2J', 'a'.repeat(8_193)])
      await expect(answer(text)).rejects.toMatchObject({ code: 'KA_RPC_INVALID_PARAMS' });
  });

  test('are the tabs of one page, until its visit ends', async () => {
    const daemon = await configured(homeWith());
    const visit = await openPage(daemon);
    const tab = await visit();
    const { result } = await tab.ask('login/start', { id: 'tool' });
    await expect.poll(() => tab.states.length).toBe(2);
    tab.close();
    const again = await visit();
    expect((await again.ask('login/start', { id: 'tool' }))['result']).toEqual(result);
    await expect.poll(() => again.states).toEqual([expect.objectContaining({ name: 'code' })]);
    const elsewhere = await (await openPage(daemon))();
    expect(await elsewhere.ask('login/start', { id: 'tool' })).toMatchObject(CODE('KA_LOGIN_RUNNING'));
    await daemon.client.request('page/close');
    await expect
      .poll(() => daemon.client.request('login/start', { id: 'tool' }).catch(({ code }) => code))
      .toMatchObject({ session: 'tool' });
  });

  test('may start another one while the page that started it is closed', async () => {
    const daemon = await configured(homeWith());
    const tab = await (await openPage(daemon))();
    await tab.ask('login/start', { id: 'tool' });
    await expect.poll(() => tab.states.length).toBe(2);
    tab.close();
    await expect
      .poll(() => daemon.client.request('login/start', { id: 'tool' }).catch(({ code }) => code))
      .toMatchObject({ session: 'tool' });
  });
});

describe('S7: what a sign-in shows and gets', () => {
  test('is in no file but its store, and in nothing that other clients get', async () => {
    const home = homeWith();
    const program = fileURLToPath(new URL('../support/sign-in/vendor-program.mjs', import.meta.url));
    const daemon = await configured(home, { program });
    const { client } = daemon;
    const { started, states, reached } = await signIn(client);
    await reached('code');
    expect(JSON.stringify(states)).toContain('CANARY-state');
    await client.request('login/answer', { login: started.login, text: 'CANARY-pasted-code' });
    await reached('done');
    const bundle = JSON.stringify(await client.request('doctor/bundle'));
    const history = JSON.stringify(await client.request('session/history', {}));
    const notices = JSON.stringify(await client.request('notice/list'));
    await client.request('kernel/stop');
    const { stdout, stderr } = await daemon.done;
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter(name => !name.startsWith('tool') && statSync(join(home, name)).isFile())
      .map(name => [name, readFileSync(join(home, name), 'utf8')] as const);
    const log = files.find(([name]) => name === 'keepalived.log')?.[1];
    expect(log).toMatch(/"code":"\[secret\]".*the program said/);
    const sinks = [
      ['bundle', bundle],
      ['history', history],
      ['notices', notices],
      ['output', stdout + stderr],
      ...files,
    ];
    expect(sinks.filter(([, text]) => text?.includes('CANARY')).map(([name]) => name)).toEqual([]);
  });
});
