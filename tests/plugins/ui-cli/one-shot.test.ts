import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JSONRPCErrorException } from 'json-rpc-2.0';
import { METHOD_NAMES } from '../../../sdk/contract/access.ts';
import { createClient } from '../../../sdk/client/create-client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { ALIVE, attempt, FakeKernel, NOW, PAUSED, session } from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const lines = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));

describe('keepalive rpc', () => {
  const kernel = () => new FakeKernel([session('codex', ALIVE)]);

  test('prints the result as JSON, with and without --json', async () => {
    for (const more of [[], ['--json']]) {
      const { exitCode, out } = await keepalive(['rpc', 'session/get', '{"id":"codex"}', ...more], {
        daemon: kernel(),
      });
      expect([exitCode, JSON.parse(out)]).toEqual([0, session('codex', ALIVE)]);
    }
    expect(await keepalive(['rpc', 'kernel/stop'], { daemon: kernel() })).toMatchObject({ exitCode: 0, out: 'null\n' });
  });

  test('reads the params from stdin', async () => {
    const daemon = kernel();
    const system = { readInput: async () => '{ "id": "codex" }\n' };
    await keepalive(['rpc', 'session/pause', '-'], { daemon, system });
    expect(daemon.asked).toEqual([['session/pause', { id: 'codex' }]]);
  });

  test('prints text of the daemon so that it cannot control the terminal', async () => {
    const daemon = new FakeKernel([session('codex', ALIVE, { displayName: 'a\x1b[2Jb\u202e' })]);
    const { out } = await keepalive(['rpc', 'session/list'], { daemon });
    expect([out.includes('\x1b'), out.includes('\u202e'), JSON.parse(out)]).toMatchObject([
      false,
      false,
      [{ id: 'codex' }],
    ]);
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ['an unknown method', ['session/lits'], 2, /There is no method "session\/lits"\. Did you mean "session\/list"\?/],
    ['a word that is no method', ['toString'], 2, /There is no method "toString"/],
    ['params that are not JSON', ['session/get', '{id:1}'], 2, /not JSON/],
    ['an unknown session', ['session/get', '{"id":"x"}'], 1, /no session "x".*\(KA_SESSION_NOT_FOUND\)/],
  ])('says what is wrong with %s', async (_what, args, exitCode, message) => {
    const found = await keepalive(['rpc', ...args], { daemon: kernel() });
    expect(found).toEqual({ exitCode, out: '', err: expect.stringMatching(message) });
  });

  test('says what is wrong with params', async () => {
    const data = { problems: [{ path: 'id', message: 'expected a text' }] };
    const daemon = new FakeKernel([], {
      'session/get': () => {
        throw new JSONRPCErrorException('Invalid params', -32_602, data);
      },
    });
    const { exitCode, out } = await keepalive(['rpc', 'session/get', '{}', '--json'], { daemon });
    expect([exitCode, JSON.parse(out)]).toMatchObject([2, { error: { code: 'usage', details: data } }]);
  });

  test('needs a daemon, but for the list of methods', async () => {
    expect((await keepalive(['rpc', 'session/list'])).exitCode).toBe(4);
    const { exitCode, out } = await keepalive(['rpc', '--json']);
    const methods: readonly { readonly name: string }[] = JSON.parse(out);
    expect([exitCode, methods.map(({ name }) => name)]).toEqual([0, METHOD_NAMES]);
    expect((await keepalive(['rpc'])).out).toMatch(/^session\/pause +full +Pauses a session/m);
  });
});

describe('keepalive events', () => {
  test('prints each notification on a line, also an unknown one, until it is ended', async () => {
    const ended = new AbortController();
    const daemon = new FakeKernel();
    const running = keepalive(['events'], { daemon, interrupted: () => (queueMicrotask(act), ended.signal) });
    function act() {
      daemon.notify('session/didAttempt', attempt('codex'));
      daemon.notify('future/didHappen' as 'kernel/willStop', { note: 'a\nb' });
      ended.abort();
    }
    const { exitCode, out, err } = await running;
    expect([exitCode, lines(out), err]).toEqual([
      0,
      [
        { at: NOW, method: 'session/didAttempt', params: attempt('codex') },
        { at: NOW, method: 'future/didHappen', params: { note: 'a\nb' } },
      ],
      '',
    ]);
  });

  test('goes on after the daemon was restarted, and says so', async () => {
    const ended = new AbortController();
    const daemon = new FakeKernel();
    const client = createClient(daemon.channel(), { reopen: async () => daemon.channel() });
    client.onStatus(status => status === 'connected' && queueMicrotask(() => ended.abort()));
    const interrupted = () => (queueMicrotask(() => daemon.vanish()), ended.signal);
    const { out } = await keepalive(['events'], { daemon, system: { connect: async () => client }, interrupted });
    client.close();
    expect(lines(out)).toMatchObject([
      { method: 'connection/didChange', params: { status: 'lost' } },
      { method: 'connection/didChange', params: { status: 'connected' } },
    ]);
  });

  test('asks only for what a reader may do, and needs a daemon', async () => {
    const asked: unknown[] = [];
    const connect = async (options: object): Promise<never> => {
      asked.push(options);
      throw new KeepaliveError('KA_RPC_NO_DAEMON');
    };
    expect((await keepalive(['events'], { system: { connect } })).exitCode).toBe(4);
    expect(asked).toEqual([{ reconnect: true, access: 'read' }]);
  });
});

describe('keepalive status --watch --json', () => {
  test.each([
    [['status'], [[session('codex', ALIVE)], [session('codex', PAUSED)]]],
    [
      ['status', 'codex'],
      [session('codex', ALIVE), session('codex', PAUSED)],
    ],
  ])('%j prints its document again when it has changed, and only then', async (command, expected) => {
    const ended = new AbortController();
    const daemon = new FakeKernel([session('codex', ALIVE)]);
    let [out, err] = ['', ''];
    const running = keepalive([...command, '--watch', '--json'], {
      daemon,
      interrupted: () => ended.signal,
      output: text => {
        out += text;
        if (lines(out).length === 1) {
          daemon.notify('session/didChange', session('codex', ALIVE));
          daemon.notify('session/didChange', session('codex', PAUSED));
        } else ended.abort();
      },
    });
    ({ err } = await running);
    expect([lines(out), err]).toEqual([expected, '']);
  });

  test('of an unknown session ends at once', async () => {
    const { exitCode, out } = await keepalive(['status', 'nope', '--watch', '--json'], { daemon: new FakeKernel() });
    expect([exitCode, JSON.parse(out)]).toMatchObject([1, { error: { code: 'KA_SESSION_NOT_FOUND' } }]);
  });
});

test('keepalive logs --follow --json prints each entry on a line', async () => {
  const home = temporaryFolder();
  const file = join(home, 'keepalived.log');
  const entry = (msg: string) => ({ level: 'info', time: '2026-03-10T12:00:00.000Z', msg });
  writeFileSync(file, `${JSON.stringify(entry('one'))}\n${JSON.stringify(entry('two'))}\n`);
  const ended = new AbortController();
  let out = '';
  await keepalive(['logs', '--follow', '--json', '--limit', '1'], {
    env: { KEEPALIVE_HOME: home },
    interrupted: () => ended.signal,
    output: text => {
      out += text;
      if (lines(out).length === 1) appendFileSync(file, `${JSON.stringify(entry('three'))}\n`);
      else ended.abort();
    },
  });
  expect(lines(out)).toEqual([entry('two'), entry('three')]);
});
