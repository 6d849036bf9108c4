import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';

const DAY_MS = 86_400_000;
const ACCOUNT = 'CANARY-account';
const login = () =>
  claudeLogin({
    expiresAt: Date.now() + 6 * 3_600_000,
    loginExpiresAt: Date.now() + 20 * DAY_MS,
    refresh: 'CANARY-refresh',
  });
const MORNING = { id: 'morning', session: 'claude', at: ['06:00'], timezone: 'UTC' };

async function withClaude(more: Readonly<Record<string, string>> = {}): Promise<{ home: string; daemon: Daemon }> {
  const home = temporaryHome({
    '.claude/.credentials.json': login(),
    '.claude.json': JSON.stringify({ oauthAccount: { emailAddress: `${ACCOUNT}@example.com` } }),
    ...more,
  });
  return { home, daemon: await startDaemon(home) };
}

async function stop({ client, done }: Daemon): Promise<void> {
  await client.request('kernel/stop');
  await done;
}

const stateIn = (home: string) => JSON.parse(readFileSync(join(home, 'warmup.json'), 'utf8'));

/** A state in which the warm-up has paused itself. */
const paused = (at: number) =>
  JSON.stringify({
    version: 1,
    warmUps: { morning: { withoutEffect: 2, paused: { at, why: 'It had no effect.' } } },
    accounts: {},
  });

describe.concurrent('a warm-up', () => {
  test('is added, shown, kept over a restart and removed, and sends nothing meanwhile', async ({
    expect: { poll },
  }) => {
    const { home, daemon } = await withClaude();
    const added = await daemon.client.request('warmup/add', { options: MORNING });
    expect(added).toMatchObject({ ...MORNING, added: true, today: 0, windows: [] });
    expect(added.next).toHaveLength(10);
    await poll(() => existsSync(join(home, 'warmup.json'))).toBe(true);
    expect(await daemon.client.request('warmup/list', { plan: 3 })).toMatchObject([{ id: 'morning' }]);
    await stop(daemon);

    const second = await startDaemon(home);
    const [shown] = await second.client.request('warmup/list', { id: 'morning', plan: 3 });
    expect(shown).toMatchObject({ ...MORNING, added: true });
    expect(shown?.next.map(({ at }) => at % DAY_MS)).toEqual([6, 6, 6].map(hours => hours * 3_600_000));
    expect(await second.client.request('warmup/history')).toEqual([]);
    expect(stateIn(home)).toMatchObject({ warmUps: { morning: { plannedAt: shown?.next[0]?.at } }, accounts: {} });
    expect(await second.client.request('warmup/remove', { id: 'morning' })).toBeNull();
    expect(await second.client.request('warmup/list')).toEqual([]);
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).added ?? []).toEqual([]);
  });

  test('says what is wrong with its options, and keeps nothing of them', async () => {
    const { home, daemon } = await withClaude({ '.codex/auth.json': '{}' });
    const { client } = daemon;
    const add = (options: Readonly<Record<string, unknown>>) =>
      client.request('warmup/add', { options }).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await add({ id: 'A b', session: '', at: ['25:00'], perDay: 99, tool: 'x' })).toMatchObject({
      code: 'KA_RPC_INVALID_PARAMS',
      details: {
        problems: expect.arrayContaining(
          ['options.id', 'options.session', 'options.at[0]', 'options.perDay'].map(path =>
            expect.objectContaining({ path }),
          ),
        ),
      },
    });
    expect(await add({ ...MORNING, session: 'other' })).toMatchObject({ code: expect.anything() });
    expect(await add({ ...MORNING, id: 'claude' })).toSatisfy(isKeepaliveError);
    await client.request('warmup/add', { options: MORNING });
    expect(await add(MORNING)).toMatchObject({ details: { problems: [{ path: 'options.id' }] } });
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).added).toHaveLength(1);
  });

  test('has errors with a code', async () => {
    const home = temporaryHome({
      '.claude/.credentials.json': login(),
      'keepalive.config.json': JSON.stringify({ plugins: ['claude', 'practice', ['warmup', MORNING]] }),
    });
    const { client } = await startDaemon(home);
    const code = (value: string) => ({ code: value });
    await expect(client.request('warmup/remove', { id: 'morning' })).rejects.toMatchObject(code('KA_WARMUP_NOT_ADDED'));
    for (const method of ['warmup/remove', 'warmup/resume'] as const)
      await expect(client.request(method, { id: 'none' })).rejects.toMatchObject(code('KA_WARMUP_NOT_FOUND'));
    for (const method of ['warmup/list', 'warmup/history'] as const)
      await expect(client.request(method, { id: 'none' })).rejects.toMatchObject(code('KA_WARMUP_NOT_FOUND'));
    const costOf = (changed: object) => client.request('warmup/cost', { options: { ...MORNING, ...changed } });
    await expect(costOf({})).rejects.toMatchObject(code('KA_PLUGIN_DUPLICATE_ID'));
    await expect(costOf({ id: 'a', session: 'practice' })).rejects.toMatchObject(code('KA_WARMUP_UNSUPPORTED'));
    await expect(costOf({ id: 'a', session: 'none' })).rejects.toMatchObject(code('KA_SESSION_NOT_FOUND'));
    expect(await costOf({ id: 'a' })).toMatchObject({
      command: expect.arrayContaining([expect.stringContaining('claude')]),
    });
  });

  test('ends when the configuration no longer has it', async () => {
    const config = (plugins: readonly unknown[]) => JSON.stringify({ plugins });
    const home = temporaryHome({
      '.claude/.credentials.json': login(),
      'keepalive.config.json': config(['claude', ['warmup', MORNING]]),
    });
    const { client } = await startDaemon(home);
    expect(await client.request('warmup/list')).toMatchObject([{ id: 'morning' }]);
    writeFileSync(join(home, 'keepalive.config.json'), config(['claude']));
    await client.request('kernel/reload');
    expect(await client.request('warmup/list')).toEqual([]);
  });

  test('that was added gives way to one of the configuration with its id, and can still be removed', async () => {
    const { home, daemon } = await withClaude();
    await daemon.client.request('warmup/add', { options: MORNING });
    await stop(daemon);
    const plugins = ['claude', ['warmup', { ...MORNING, at: ['07:00'] }]];
    writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins }), { mode: 0o600 });
    const { client } = await startDaemon(home);
    const [shown, ...others] = await client.request('warmup/list');
    expect([shown?.at, shown?.added, others]).toEqual([['07:00'], undefined, []]);
    expect((await client.request('plugin/list')).filter(({ status }) => status === 'failed')).toEqual([]);
    await client.request('warmup/remove', { id: 'morning' });
    expect(await client.request('warmup/list')).toMatchObject([{ at: ['07:00'] }]);
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')).added ?? []).toEqual([]);
  });

  test('of a kind that this version does not know leaves the daemon and its sessions alone', async () => {
    const added = [{ plugin: 'warmup-of-a-later-version', options: { id: 'later' } }];
    const { daemon } = await withClaude({ 'settings.json': JSON.stringify({ version: 1, added }) });
    await untilSession(daemon, 'claude', ({ state }) => state.name === 'alive');
    expect(await daemon.client.request('warmup/list')).toEqual([]);
  });

  test('that has paused itself raises a notice, which ends when it is resumed', async () => {
    const at = Date.now() - DAY_MS;
    const { home, daemon } = await withClaude({ 'warmup.json': paused(at) });
    const { client } = daemon;
    expect(await client.request('warmup/add', { options: MORNING })).toMatchObject({ paused: { at } });
    const notices = async () => (await client.request('notice/list')).map(({ code, session }) => [code, session]);
    expect(await notices()).toContainEqual(['warmup-paused', 'morning']);
    expect(await client.request('doctor/run')).toContainEqual(
      expect.objectContaining({ level: 'warning', subject: 'morning', message: expect.stringContaining('is paused') }),
    );
    const resumed = await client.request('warmup/resume', { id: 'morning' });
    expect(resumed.paused).toBeUndefined();
    expect(await notices()).not.toContainEqual(['warmup-paused', 'morning']);
    expect(stateIn(home).warmUps.morning).toMatchObject({ withoutEffect: 0 });
  });

  test('that has paused itself leaves nothing when it is removed, and has no past when it is added again', async () => {
    const { home, daemon } = await withClaude({ 'warmup.json': paused(Date.now()) });
    const { client } = daemon;
    await client.request('warmup/add', { options: MORNING });
    expect(await client.request('notice/list')).toMatchObject([{ code: 'warmup-paused' }]);
    await client.request('warmup/remove', { id: 'morning' });
    expect(await client.request('notice/list')).toEqual([]);
    expect(stateIn(home).warmUps).toEqual({});
    const again = await client.request('warmup/add', { options: MORNING });
    expect([again.paused, again.last]).toEqual([undefined, undefined]);
  });

  test('starts with a damaged file, which is kept', async ({ expect: { poll } }) => {
    const { home, daemon } = await withClaude({ 'warmup.json': '{"version":1,"warm' });
    const { client } = daemon;
    await client.request('warmup/add', { options: MORNING });
    await poll(() => stateIn(home).lostAt, { timeout: 15_000 }).toEqual(expect.any(Number));
    expect(await client.request('doctor/run')).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('warmup.json was damaged') }),
    );
  });

  test('writes no secret and no name of an account', async ({ expect: { poll } }) => {
    const { home, daemon } = await withClaude();
    await untilSession(daemon, 'claude', ({ state }) => state.name === 'alive');
    await daemon.client.request('warmup/add', { options: MORNING });
    await poll(() => existsSync(join(home, 'warmup.json'))).toBe(true);
    const facts = await daemon.client.request('session/program', { id: 'claude' });
    expect(JSON.stringify([facts, readFileSync(join(home, 'warmup.json'), 'utf8')])).not.toContain('CANARY');
  });
});
