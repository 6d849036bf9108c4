import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding, Tool } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const codex = (refresh: string, account = refresh) => {
  const now = Date.now();
  const facts = { issuedAt: now - HOUR, expiresAt: now + 9 * DAY, refreshedAt: now - HOUR };
  return codexLogin({ ...facts, refresh: `CANARY-${refresh}`, account });
};
const claude = (refresh: string, days: number) =>
  claudeLogin({ expiresAt: Date.now() + 6 * HOUR, loginExpiresAt: Date.now() + days * DAY, refresh });

const WORK = { plugin: 'codex', options: { id: 'codex-work', home: '~/.codex-work' } };
const FILES = { '.codex/auth.json': codex('main'), '.codex-work/auth.json': codex('work') };
const settingsIn = (home: string) => JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8'));
const statesIn = (home: string) => JSON.parse(readFileSync(join(home, 'states.json'), 'utf8'));
const isAlive = ({ state }: Session) => state.name === 'alive';

async function stop({ client, done }: Daemon): Promise<void> {
  await client.request('kernel/stop');
  await done;
}

describe.concurrent('an added session', () => {
  test('is kept alive at once, beside those that were discovered, and after a restart', async () => {
    const home = temporaryHome(FILES);
    const first = await startDaemon(home);
    const told = new Promise(resolve => first.client.on('config/didChange', resolve));
    expect(await first.client.request('session/add', WORK)).toMatchObject({ id: 'codex-work', added: true });
    await Promise.all([told, untilSession(first, 'codex-work', isAlive)]);
    await stop(first);
    const second = await startDaemon(home);
    const sessions = await second.client.request('session/list');
    expect(sessions.map(({ id, added }) => [id, added])).toEqual([
      ['codex', undefined],
      ['codex-work', true],
    ]);
  });

  test('is refused if another session keeps the same file, by whatever path', async () => {
    const home = temporaryHome(FILES);
    const { client } = await startDaemon(home);
    symlinkSync(join(home, '.codex'), join(home, '.codex-link'));
    for (const folder of ['~/.codex', '~/.codex-link'])
      await expect(
        client.request('session/add', { plugin: 'codex', options: { id: 'again', home: folder } }),
      ).rejects.toMatchObject({
        code: 'KA_RPC_INVALID_PARAMS',
        details: { problems: [{ path: 'options', message: 'The session "codex" already keeps this login alive' }] },
      });
    expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['codex']);
  });

  test('is removed with its policy, its state and its notices, and its credential stays', async () => {
    const home = temporaryHome(FILES);
    const daemon = await startDaemon(home);
    const { client } = daemon;
    await client.request('session/add', WORK);
    await untilSession(daemon, 'codex-work', isAlive);
    await client.request('session/configure', { id: 'codex-work', policy: { retries: 7 } });
    expect(settingsIn(home)).toMatchObject({ added: [WORK], sessions: { 'codex-work': { retries: 7 } } });
    await expect(client.request('session/add', WORK)).rejects.toMatchObject({
      code: 'KA_PLUGIN_DUPLICATE_ID',
      details: { id: 'codex-work', added: true },
    });
    await client.request('session/remove', { id: 'codex-work' });
    expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['codex']);
    expect(settingsIn(home)).toEqual({ version: 1, sessions: {} });
    await stop(daemon);
    expect(Object.keys(statesIn(home).sessions)).toEqual(['codex']);
    expect(readFileSync(join(home, '.codex-work/auth.json'), 'utf8')).toBe(FILES['.codex-work/auth.json']);
  });

  test('is the only kind that is removed, and a refusal says where another one comes from', async () => {
    const home = temporaryHome(FILES);
    const file = join(home, 'keepalive.config.json');
    const work = ['codex', { id: 'codex-work', home: '~/.codex-work' }];
    writeFileSync(file, JSON.stringify({ plugins: ['auto', work] }), { mode: 0o600 });
    const daemon = await startDaemon(home, { args: ['--demo'] });
    for (const id of ['codex', 'codex-work', 'practice']) await untilSession(daemon, id, () => true);
    const detailsOf = (id: string) =>
      daemon.client.request('session/remove', { id }).catch(({ code, details }) => ({ code, ...details }));
    const code = 'KA_SESSION_NOT_ADDED';
    expect(await detailsOf('codex')).toEqual({ code, id: 'codex' });
    expect(await detailsOf('codex-work')).toEqual({ code, id: 'codex-work', file });
    expect(await detailsOf('practice')).toEqual({ code, id: 'practice', demo: true });
  });

  test('gives way to a session of the configuration with the same id, and can still be removed', async () => {
    const home = temporaryHome(FILES);
    const file = join(home, 'keepalive.config.json');
    writeFileSync(file, JSON.stringify({ plugins: ['codex'] }), { mode: 0o600 });
    const daemon = await startDaemon(home);
    const { client } = daemon;
    await client.request('session/add', WORK);
    await untilSession(daemon, 'codex-work', isAlive);
    const entry = ['codex', { id: 'codex-work', home: '~/.codex-work', method: 'observe' }];
    writeFileSync(file, JSON.stringify({ plugins: ['codex', entry] }), { mode: 0o600 });
    await client.request('kernel/reload');
    const work = await client.request('session/get', { id: 'codex-work' });
    expect(work.added).toBeUndefined();
    expect((await client.request('plugin/list')).filter(({ status }) => status === 'failed')).toEqual([]);
    expect(await client.request('doctor/run')).toContainEqual(
      expect.objectContaining({ subject: 'codex-work', action: 'keepalive remove codex-work' }),
    );
    await client.request('session/remove', { id: 'codex-work' });
    expect((await client.request('session/get', { id: 'codex-work' })).id).toBe('codex-work');
    await expect(client.request('session/remove', { id: 'codex-work' })).rejects.toMatchObject({
      code: 'KA_SESSION_NOT_ADDED',
      details: { id: 'codex-work', file },
    });
  });

  test('stays the same session if the user writes it into the configuration', async () => {
    const home = temporaryHome(FILES);
    const daemon = await startDaemon(home);
    await daemon.client.request('session/add', WORK);
    const { lastAttempt } = await untilSession(daemon, 'codex-work', isAlive);
    const plugins = [[WORK.plugin, WORK.options]];
    writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins }), { mode: 0o600 });
    await daemon.client.request('kernel/reload');
    const sessions = await daemon.client.request('session/list');
    expect(sessions).toMatchObject([{ id: 'codex-work', lastAttempt }]);
    expect(sessions[0]?.added).toBeUndefined();
  });

  test('with a missing folder is unavailable, and says what to do', async () => {
    const { client } = await startDaemon(temporaryHome());
    const session = await client.request('session/add', WORK);
    expect(session.state).toMatchObject({ name: 'halted', why: 'unavailable', hint: expect.stringContaining('codex') });
  });

  test('that is damaged does not affect the others', async () => {
    const bad = { plugin: 'codex', options: { id: 'bad', method: 'magic' } };
    const home = temporaryHome({
      ...FILES,
      'settings.json': JSON.stringify({ version: 1, sessions: {}, added: [bad, WORK, { plugin: 7 }] }),
    });
    const daemon = await startDaemon(home);
    await untilSession(daemon, 'codex-work', isAlive);
    const { client } = daemon;
    expect((await client.request('plugin/list')).find(({ id }) => id === 'bad')?.status).toBe('failed');
    await client.request('session/remove', { id: 'bad' });
    expect((await client.request('plugin/list')).map(({ id }) => id)).not.toContain('bad');
    expect(settingsIn(home).added).toEqual([WORK]);
  });
});

describe('an addition is refused', () => {
  const secret = 'CANARY-client-secret';
  const oauth = {
    id: 'acme',
    file: '~/acme.json',
    tokenEndpoint: 'http://acme.example/token',
    clientId: 'x',
    clientSecret: secret,
    paths: { access: 'a', refresh: 'r' },
  };

  test.concurrent('with the path of every problem, and nothing is kept', async () => {
    const home = temporaryHome(FILES);
    const { client } = await startDaemon(home);
    const problemsOf = (plugin: string, options: Readonly<Record<string, unknown>>) =>
      client.request('session/add', { plugin, options }).then(
        () => [],
        ({ details }) => details.problems.map(({ path }: { readonly path: string }) => path),
      );
    expect(await problemsOf('codx', {})).toEqual(['plugin']);
    expect(await problemsOf('ui-web', {})).toEqual(['plugin']);
    expect(await problemsOf('./mine.ts', {})).toEqual(['plugin']);
    expect(await problemsOf('codex', { home: '', method: 'magic' })).toEqual(['options.home', 'options.method']);
    expect(await problemsOf('oauth', oauth)).toEqual(['options.tokenEndpoint']);
    await expect(client.request('session/add', { plugin: 'codex', options: {} })).rejects.toMatchObject({
      code: 'KA_PLUGIN_DUPLICATE_ID',
    });
    const names = readdirSync(home).filter(name => /json$|log$/.test(name));
    expect(names).not.toContain('settings.json');
    for (const name of names) expect(readFileSync(join(home, name), 'utf8')).not.toContain(secret);
  });
});

test('without a daemon, `keepalive add` and `keepalive remove` change the settings', async () => {
  const home = temporaryHome(FILES);
  const args = ['add', 'codex', '--home', '~/.codex-work', '--id', 'codex-work'];
  const added = await run(KEEPALIVE, args, home);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('the next `keepalive start`') });
  expect(settingsIn(home).added).toEqual([WORK]);
  const removed = await run(KEEPALIVE, ['remove', 'codex-work', '--json'], home);
  expect(removed.code).toBe(0);
  expect(JSON.parse(removed.stdout)).toEqual({ removed: 'codex-work' });
  expect(settingsIn(home)).toEqual({ version: 1, sessions: {} });
});

test('the cost of a warm-up checks its options, and a warm-up is removed as such, not as a session', async () => {
  const { client } = await startDaemon(temporaryHome(FILES));
  const options = { id: 'morning', session: 'codex', at: ['06:00', '11:30'], perDay: 2 };
  const { command, warning } = await client.request('warmup/cost', { options });
  expect([command[0], warning]).toEqual(['codex', expect.stringContaining('Up to 2 prompts a day')]);
  await expect(client.request('warmup/cost', { options: { ...options, at: ['26:00'] } })).rejects.toMatchObject({
    code: 'KA_RPC_INVALID_PARAMS',
  });
  await client.request('warmup/add', { options });
  await expect(client.request('session/remove', { id: 'morning' })).rejects.toMatchObject({
    code: 'KA_SESSION_NOT_FOUND',
  });
  await client.request('warmup/remove', { id: 'morning' });
  expect(await client.request('warmup/list')).toEqual([]);
});

test('logins in other folders are offered, but no copy of a login, and no older one of its account', async () => {
  const home = temporaryHome({
    ...FILES,
    '.codex-copy/auth.json': codex('main'),
    '.codex-old/auth.json': codex('older', 'main'),
    '.codex-empty/config.toml': '',
    '.claude/.credentials.json': claude('c1', 20),
    '.claude-work/.credentials.json': claude('c2', 12),
    '.claude-backup/.credentials.json': claude('c0', 20),
    '.claude-over/.credentials.json': claude('c3', -1),
    '.claude-one/.credentials.json': claude('c4', 25),
    '.claude-two/.credentials.json': claude('c4', 25),
    '.claude-with space/.credentials.json': claude('c5', 27),
  });
  const { client } = await startDaemon(home);
  const offers = async () =>
    (await client.request('tool/list')).flatMap(({ offer }: Tool) => (offer ? [offer.options['home']] : []));
  expect((await offers()).toSorted()).toEqual(['~/.claude-work', '~/.codex-work']);
  await client.request('session/add', WORK);
  expect(await offers()).toEqual(['~/.claude-work']);
});

test('an account is shown masked in sessions, not at all if the user wishes, and in no file', async () => {
  const home = temporaryHome(FILES);
  const daemon = await startDaemon(home);
  const { client } = daemon;
  const { account } = await untilSession(daemon, 'codex', isAlive);
  expect(account).toBe('y…@example.test, Plus');
  const hidden = await client.request('session/configure', { id: 'codex', policy: { account: false } });
  expect(hidden.account).toBeUndefined();
  const findings: readonly Finding[] = await client.request('doctor/run');
  const bundle = await client.request('doctor/bundle');
  await client.request('session/configure', { id: 'codex', policy: { account: null } });
  const shown = JSON.stringify([findings, bundle, await client.request('doctor/bundle')]);
  await stop(daemon);
  const written = readdirSync(home)
    .filter(name => /json|log/.test(name))
    .map(name => readFileSync(join(home, name), 'utf8'));
  for (const text of [shown, ...written]) expect(text).not.toMatch(/…@|example\.test/);
});
