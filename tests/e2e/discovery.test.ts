import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';

// No test here has a configuration, so the sessions are those that are discovered.

const DAY = 86_400_000;
const HOUR = 3_600_000;
const codex = (life = 9 * DAY) =>
  codexLogin({ issuedAt: Date.now() - HOUR, expiresAt: Date.now() + life, refreshedAt: Date.now() - HOUR });
const AUTH = '.codex/auth.json';

/** Replaces a file atomically, as a vendor's program does. */
function put(home: string, name: string, text: string): void {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const sessionsIn = (stdout: string): readonly Session[] => JSON.parse(stdout);

/** Resolves with the session once it matches. It need not exist yet. */
const untilThere = (
  { client }: Daemon,
  id: string,
  wanted: (session: Session) => boolean = () => true,
): Promise<Session> =>
  new Promise((resolve, reject) => {
    const stop = client.on('session/didChange', session => look(session));
    const look = (session: Session | undefined) => {
      if (session?.id !== id || !wanted(session)) return;
      void stop();
      resolve(session);
    };
    client.request('session/list').then(all => look(all.find(session => session.id === id)), reject);
  });

describe.concurrent('an unreadable credential', () => {
  test.each<[string, (home: string) => void]>([
    ['is empty', home => put(home, AUTH, '')],
    ['is cut off', home => put(home, AUTH, codex().slice(0, 150))],
    ['is a folder', home => void mkdirSync(join(home, AUTH), { recursive: true })],
  ])('that %s is a failing session in doctor, and other tools are still discovered', async (_what, damage) => {
    const home = temporaryHome({ '.claude/.credentials.json': claudeLogin({ expiresAt: Date.now() + HOUR }) });
    damage(home);
    const checked = await run(KEEPALIVE, ['check', '--json'], home);
    expect(checked.code).toBe(6);
    expect(sessionsIn(checked.stdout)).toMatchObject([
      { id: 'claude', state: { name: 'idle' } },
      { id: 'codex', state: { name: 'waiting', why: 'backoff', hint: expect.stringContaining(AUTH) } },
    ]);
    const examined = await run(KEEPALIVE, ['doctor', '--json'], home);
    expect(examined.code).toBe(1);
    const findings: readonly Finding[] = JSON.parse(examined.stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'error', subject: 'codex', message: expect.stringContaining(AUTH) }),
    );
  });

  test('is kept alive as soon as it is readable', async () => {
    const home = temporaryHome({ [AUTH]: '' });
    const policy = { codex: { minInterval: '100ms' } };
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ version: 1, sessions: policy }));
    const daemon = await startDaemon(home);
    await untilSession(
      daemon,
      'codex',
      ({ state, lastAttempt }) => state.name === 'waiting' && lastAttempt?.code === 'KA_STORE_UNREADABLE',
    );
    put(home, AUTH, codex());
    expect(await untilSession(daemon, 'codex', ({ state }) => state.name === 'alive')).toMatchObject({
      lastAttempt: { outcome: 'fresh' },
    });
  });
});

describe.concurrent('a login that appears and disappears', () => {
  test('a later sign-in is discovered without a restart, even if the tool had no folder yet', async () => {
    const home = temporaryHome();
    const daemon = await startDaemon(home);
    expect(await daemon.client.request('session/list')).toEqual([]);
    put(home, AUTH, codex());
    await untilThere(daemon, 'codex', ({ state }) => state.name === 'alive');
    put(home, '.claude/.credentials.json', claudeLogin({ expiresAt: Date.now() + HOUR }));
    await untilThere(daemon, 'claude', ({ state }) => state.name === 'alive');
    expect((await daemon.client.request('plugin/list')).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['claude', 'codex']),
    );
    expect((await daemon.client.request('session/list')).map(({ id }) => id)).toEqual(['claude', 'codex']);
  });

  test('a login that disappears is reported, also after a restart, and is kept alive when it returns', async () => {
    const home = temporaryHome({
      [AUTH]: codex(),
      'settings.json': JSON.stringify({ version: 1, sessions: { codex: { minInterval: '100ms' } } }),
    });
    const first = await startDaemon(home);
    await untilSession(
      first,
      'codex',
      ({ state, lastSuccessAt }) => state.name === 'alive' && lastSuccessAt !== undefined,
    );
    rmSync(join(home, AUTH));
    await untilSession(first, 'codex', ({ state }) => state.name === 'halted' && state.why === 'unavailable');
    expect(await first.client.request('notice/list')).toMatchObject([
      { session: 'codex', body: expect.stringContaining('kept alive until') },
    ]);
    first.child.kill('SIGTERM');
    await first.done;

    const checked = await run(KEEPALIVE, ['check'], home);
    expect([checked.code, checked.stdout]).toEqual([
      6,
      expect.stringMatching(/✗ codex: It was kept alive until .*Install codex\. Run `codex login`/),
    ]);
    const second = await startDaemon(home);
    await untilSession(second, 'codex', ({ state }) => state.name === 'halted' && state.why === 'unavailable');
    put(home, AUTH, codex());
    await untilSession(second, 'codex', ({ state }) => state.name === 'alive');
    expect(await second.client.request('notice/list')).toEqual([]);
  });

  test('a daemon that waits for a sign-in can stop', async () => {
    const daemon = await startDaemon(temporaryHome());
    await daemon.client.request('kernel/stop');
    expect((await daemon.done).code).toBe(0);
  });
});

test.concurrent('an expired credential is not alive: exit 6, and no next attempt without a daemon', async () => {
  const home = temporaryHome({ [AUTH]: codex(-2 * DAY) });
  const state = { name: 'alive', wakeAt: Date.now() + HOUR, wakeWhy: 'every 60m', expiresAt: Date.now() + HOUR };
  const lastAttempt = {
    id: 'codex',
    startedAt: Date.now(),
    endedAt: Date.now(),
    reason: 'schedule',
    method: 'touch',
    outcome: 'fresh',
    failures: 0,
  };
  // The wait prevents an attempt during the test. If one began anyway, it would stay on this machine.
  const record = {
    displayName: 'Codex',
    state,
    lastAttemptAt: Date.now(),
    vendorWaitUntil: Date.now() + HOUR,
    lastAttempt,
    lastSuccessAt: Date.now(),
    expiresAt: Date.now() + HOUR,
  };
  writeFileSync(join(home, 'states.json'), JSON.stringify({ version: 1, sessions: { codex: record }, notices: [] }), {
    mode: 0o600,
  });
  for (const options of [[], ['--refresh']]) {
    const { code, stdout } = await run(KEEPALIVE, ['check', ...options], home, {
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: 'http://127.0.0.1:9/oauth/token',
    });
    expect([code, stdout]).toEqual([6, expect.stringMatching(/codex +▲ expired .*2 days ago/)]);
    expect(stdout).not.toMatch(/alive|NEXT/);
  }
  expect(JSON.parse(readFileSync(join(home, 'states.json'), 'utf8')).sessions.codex.lastAttempt).toEqual(lastAttempt);
  const explained = await run(KEEPALIVE, ['explain', 'codex'], home);
  expect(explained.stdout.replaceAll('\n', ' ')).toMatch(/The credential expired 2 days ago/);
  const planned = await run(KEEPALIVE, ['plan'], home);
  expect(planned.stdout).toMatch(/^No daemon is running\. After `keepalive start`/);
  expect(planned.stdout).not.toContain('before it expires');
  const findings: readonly Finding[] = JSON.parse((await run(KEEPALIVE, ['doctor', '--json'], home)).stdout);
  expect(findings).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      subject: 'codex',
      message: expect.stringMatching(/^expired 2 days ago, in ~\/.codex\/auth\.json/),
    }),
  );
});

test('if nothing is discovered, doctor names every known tool, where it looked, and what to type', async () => {
  const home = temporaryHome();
  const { stdout, code } = await run(KEEPALIVE, ['doctor', '--json'], home);
  const findings: readonly Finding[] = JSON.parse(stdout);
  expect(code).toBe(0);
  const tools = [
    'antigravity',
    'augment',
    'claude',
    'codex',
    'copilot',
    'cursor',
    'droid',
    'gemini',
    'grok',
    'opencode',
  ];
  expect(findings.map(({ subject }) => subject)).toEqual(expect.arrayContaining(tools));
  expect(findings).toContainEqual({
    level: 'info',
    subject: 'claude',
    message: `Claude Code: not found (looked in ${join(home, '.claude/.credentials.json')})`,
    action: 'Install Claude Code. Run `claude`, then type `/login`.',
  });
});
