import { spawn as openTerminal } from '@lydell/node-pty';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  environment,
  KEEPALIVED,
  PLUGIN,
  run,
  startDaemon,
  temporaryHome,
  untilSession,
} from '../support/daemon/daemon.ts';

const config = (plugins: unknown, more: object = {}) =>
  JSON.stringify({ plugins, policy: { minInterval: '1m' }, ...more });
const mine = (options: object = {}) => ({
  'keepalive.config.json': config([['./mine.mjs', options]]),
  'mine.mjs': PLUGIN,
});
/** The files that the test itself wrote. */
const GIVEN = ['keepalive.config.json', 'mine.mjs', 'compiled.ts'];
const attempts = (home: string) => readFileSync(join(home, 'attempts'), 'utf8').trim().split('\n').length;

test.concurrent('the daemon keeps a session alive, explains the next attempt, and writes private files', async () => {
  // TypeScript is compiled, and the compiled code is private too.
  const home = temporaryHome({
    ...mine(),
    'keepalive.config.json': config(['./compiled.ts']),
    'compiled.ts': `export { default } from './mine.mjs';`,
  });
  const daemon = await startDaemon(home);
  const session = await untilSession(
    daemon,
    'mine',
    ({ state, lastAttempt }) => state.name === 'alive' && lastAttempt !== undefined,
  );
  expect(session).toMatchObject({
    lastAttempt: { outcome: 'refreshed', reason: 'schedule', failures: 0 },
    nextAttemptWhy: '5 minutes before it expires',
  });
  expect(await daemon.client.request('session/history', { id: 'mine' })).toHaveLength(1);
  const modes = readdirSync(home, { recursive: true, withFileTypes: true })
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !GIVEN.includes(basename(path)))
    .map(path => [path, statSync(path)] as const);
  expect(modes.length).toBeGreaterThan(5);
  expect(
    modes.filter(([, entry]) => (entry.mode & 0o777) !== (entry.isDirectory() ? 0o700 : 0o600)).map(([path]) => path),
  ).toEqual([]);
});

test.concurrent('a stop notifies the clients, removes the endpoint file and exits with 0', async () => {
  const home = temporaryHome(mine());
  const daemon = await startDaemon(home);
  const stopped = new Promise(resolve => void daemon.client.on('kernel/willStop', resolve));
  await daemon.client.request('kernel/stop');
  expect(await stopped).toEqual({ reason: 'asked by a client' });
  expect((await daemon.done).code).toBe(0);
  expect(readdirSync(home)).not.toContain('endpoint.json');
});

test.concurrent('a signal stops it just as cleanly', async () => {
  const daemon = await startDaemon(temporaryHome(mine()));
  daemon.child.kill('SIGTERM');
  expect((await daemon.done).code).toBe(0);
});

test.concurrent('SIGHUP makes a daemon without a terminal reopen its log, and nothing else', async ({ expect }) => {
  const home = temporaryHome(mine());
  const daemon = await startDaemon(home);
  const log = join(home, 'keepalived.log');
  renameSync(log, `${log}.moved`);
  daemon.child.kill('SIGHUP');
  await expect
    .poll(() => readdirSync(home).includes('keepalived.log') && readFileSync(log, 'utf8'))
    .toContain('SIGHUP');
  expect(await daemon.client.request('kernel/info')).toMatchObject({ pid: daemon.child.pid });
});

test.skipIf(process.platform === 'win32')(
  'SIGHUP stops a daemon whose terminal is closed',
  { concurrent: true },
  async ({ expect }) => {
    const home = temporaryHome(mine());
    const terminal = openTerminal(process.execPath, [KEEPALIVED], { cwd: home, env: environment(home) });
    const gone = new Promise(resolve => terminal.onExit(resolve));
    await expect.poll(() => readdirSync(home)).toContain('endpoint.json');
    terminal.kill('SIGHUP');
    expect(await gone).toMatchObject({ exitCode: 0 });
    expect(readdirSync(home)).not.toContain('endpoint.json');
  },
);

test.concurrent('a stop lets a running attempt finish and saves its result', async () => {
  const slow = `
    import { defineProvider } from 'session-keepalive/sdk';
    const refresh = ({ signal }) => new Promise(resolve => {
      const outcome = { status: 'refreshed', expiresAt: new Date(Date.now() + 3600000) };
      signal.addEventListener('abort', () => setTimeout(() => resolve(outcome), 300));
      process.kill(process.ppid, 'SIGTERM');
    });
    export default () => defineProvider({ id: 'slow', displayName: 'Slow', refresh });`;
  const home = temporaryHome({ 'keepalive.config.json': config(['./slow.ts']), 'slow.ts': slow });
  const daemon = await startDaemon(home);
  expect((await daemon.done).code).toBe(0);
  expect(JSON.parse(readFileSync(join(home, 'states.json'), 'utf8')).sessions.slow.state.name).toBe('alive');
});

test.concurrent('a second daemon for the same home exits with 3 and names the first', async () => {
  const home = temporaryHome(mine());
  const { child } = await startDaemon(home);
  const second = await run(KEEPALIVED, [], home);
  expect(second.code).toBe(3);
  expect(second.stderr).toContain(`(process ${child.pid})`);
});

test.concurrent('kill -9 and a restart lose nothing and repeat nothing', async ({ expect }) => {
  const home = temporaryHome();
  const file = join(home, 'attempts');
  for (const [name, text] of Object.entries(mine({ file }))) writeFileSync(join(home, name), text);
  const first = await startDaemon(home);
  const before = await untilSession(first, 'mine', ({ lastAttempt }) => lastAttempt !== undefined);
  // Clients are notified of an attempt once it is saved. A request at the right moment shows it a little sooner.
  await expect
    .poll(() => JSON.parse(readFileSync(join(home, 'states.json'), 'utf8')).sessions.mine?.lastAttempt)
    .toEqual(before.lastAttempt);
  first.child.kill('SIGKILL');
  await first.done;
  const second = await startDaemon(home);
  const after = await second.client.request('session/get', { id: 'mine' });
  expect(after).toMatchObject({
    state: { name: 'alive' },
    lastAttempt: before.lastAttempt,
    expiresAt: before.expiresAt,
  });
  expect(attempts(home)).toBe(1);
});

test.concurrent('user settings survive a restart, and null resets them to the configuration', async () => {
  const home = temporaryHome(mine());
  const first = await startDaemon(home);
  await first.client.request('session/configure', {
    id: 'mine',
    policy: { schedule: { mode: 'interval', every: '42m' } },
  });
  await first.client.request('session/pause', { id: 'mine' });
  first.child.kill('SIGTERM');
  await first.done;
  const { client } = await startDaemon(home);
  expect(await client.request('session/get', { id: 'mine' })).toMatchObject({
    policy: { schedule: { every: '42m' } },
    state: { name: 'halted', why: 'paused' },
  });
  expect(await client.request('session/configure', { id: 'mine', policy: { schedule: null } })).toMatchObject({
    policy: { schedule: { mode: 'before-expiry' } },
  });
});

describe.concurrent('an error is explained in a sentence', () => {
  test.each([
    [
      'a configuration with three mistakes',
      {
        'keepalive.config.json': config(['codex', 7], {
          policy: { minInterval: 'soon' },
          sessions: { a: { retries: -1 } },
        }),
      },
      7,
      [/plugins\[1\]: .*found 7/, /policy\.minInterval: .*found "soon"/, /sessions\.a\.retries: .*found -1/],
    ],
    [
      'a configuration that does not parse',
      { 'keepalive.config.json': '{"plugins": [' },
      7,
      [/keepalive\.config\.json/],
    ],
    [
      'a configuration that throws',
      { 'keepalive.config.ts': 'throw new Error("no such secret store")' },
      7,
      [/no such secret store/],
    ],
    [
      'an unknown option of a built-in',
      { 'keepalive.config.json': config([['codex', { hom: '~' }]]) },
      7,
      [/plugins\[0\]\[1\]/, /hom/],
    ],
    [
      'an endpoint that is not encrypted',
      {
        'keepalive.config.json': config([
          [
            'oauth',
            {
              id: 'a',
              file: 'x',
              tokenEndpoint: 'http://example.com/token',
              clientId: 'c',
              paths: { access: 'a', refresh: 'r' },
            },
          ],
        ]),
      },
      7,
      [/tokenEndpoint/],
    ],
    ['a home below a file', { state: 'a file' }, 1, [/home/i, /KEEPALIVE_HOME/]],
    ['a home that cannot be created', {}, 1, [/home/i, /KEEPALIVE_HOME/]],
  ])('%s', async (what, files, code, texts) => {
    const home = temporaryHome(files);
    const unusable: Record<string, string> = {
      'a home below a file': join(home, 'state', 'home'),
      'a home that cannot be created': '/proc/keepalive/home',
    };
    const result = await run(KEEPALIVED, [], home, unusable[what] ? { KEEPALIVE_HOME: unusable[what] } : {});
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(texts[0] ?? /./)]);
    for (const text of texts) expect(result.stderr).toMatch(text);
  });

  test('a configuration file that does not exist', async () => {
    const { code, stderr } = await run(KEEPALIVED, ['--config', 'nowhere.json'], temporaryHome());
    expect([code, stderr]).toEqual([7, expect.stringContaining('nowhere.json')]);
  });

  test('a state file of garbage is set aside, and the daemon starts', async () => {
    const home = temporaryHome({
      ...mine(),
      'states.json': '{"version":1,"sessions":{"mine":{"state":{"name":"sleepy"}',
    });
    const daemon = await startDaemon(home);
    await untilSession(daemon, 'mine', ({ state }) => state.name === 'alive');
    const aside = readdirSync(home).filter(name => name.startsWith('states.json.damaged-'));
    expect(aside.map(name => readFileSync(join(home, name), 'utf8'))).toEqual([expect.stringContaining('sleepy')]);
  });
});
