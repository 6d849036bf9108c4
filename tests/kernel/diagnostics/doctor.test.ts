import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WITHOUT_FILE } from '../../../config/resolve.ts';
import { MACHINE_CHECKS, type Machine } from '../../../kernel/diagnostics/machine-checks.ts';
import { checkSession, checkSharedLogin, type Inspected } from '../../../kernel/diagnostics/session-checks.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Finding } from '../../../sdk/contract/rpc.ts';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';
import type { Inspection } from '../../../sdk/contract/outcome.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const short = ({ level, message, action }: Finding) =>
  `${level}: ${message}${action === undefined ? '' : ` → ${action}`}`;

/** The findings on one subject. The machine is in good order except for what is given. */
async function machine(given: Partial<Machine> = {}, env: Readonly<Record<string, string>> = {}) {
  const home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
  const facts: Machine = {
    options: { home, version: '1.2.3', startedAt: 0, env, armed: true },
    config: { ...WITHOUT_FILE, file: '/etc/keepalive.config.json' },
    sessions: ['codex'],
    plugins: [],
    skewMs: 10,
    ...given,
  };
  return {
    home,
    about: async (subject: string) =>
      (await Promise.all(MACHINE_CHECKS.map(check => check(facts))))
        .flat()
        .filter(finding => finding.subject === subject)
        .map(short),
  };
}

describe('the machine', () => {
  test('in good order: versions, home, configuration, clock and proxy are each ok', async () => {
    const { about, home } = await machine();
    expect(await about('node')).toEqual([expect.stringMatching(/^ok: session-keepalive 1\.2\.3, Node \d+\./)]);
    expect(await about('home')).toEqual([`ok: ${home.stateDir}`]);
    expect(await about('config')).toEqual(['ok: /etc/keepalive.config.json']);
    expect(await about('clock')).toEqual(['ok: agrees with the last server that answered']);
    expect(await about('proxy')).toEqual(['ok: none set in the daemon’s environment']);
  });

  test('a home that others can read, and files that were set aside, are warnings with an action', async () => {
    const { about, home } = await machine();
    const { chmodSync } = await import('node:fs');
    chmodSync(home.stateDir, 0o755);
    mkdirSync(home.journal);
    writeFileSync(join(home.stateDir, 'states.json.damaged-1'), '');
    writeFileSync(join(home.journal, 'note.foreign-2'), '');
    writeFileSync(join(home.stateDir, 'states.json.v1'), '');
    const action = 'Examine it, then remove it';
    const aside = (file: string, how: string, path: string) =>
      `warning: ${file} was ${how}, and has been set aside as ${path} → ${action}`;
    expect(await about('home')).toEqual([
      `warning: ${home.stateDir} can be read by others → chmod 700 ${home.stateDir}`,
      aside(home.states, 'damaged', `${home.states}.damaged-1`),
      aside(join(home.journal, 'note'), 'open to another user', join(home.journal, 'note.foreign-2')),
    ]);
  });

  test.each<[string, Partial<Machine>, string[]]>([
    [
      'a refused one is an error and the only finding',
      { config: { ...WITHOUT_FILE, refused: 'KA_CONFIG_INVALID' } },
      ['error: KA_CONFIG_INVALID → Fix it. Until then, nothing is kept alive.'],
    ],
    [
      'no file',
      { config: WITHOUT_FILE },
      ['info: No configuration file; every tool found on this machine is kept alive → keepalive config init'],
    ],
    [
      'settings for a session that does not exist',
      { config: { ...WITHOUT_FILE, file: '/a.json', sessions: { codx: {} } }, sessions: ['codex', 'claude'] },
      ['ok: /a.json', 'warning: sessions.codx matches no session → The sessions are: codex, claude'],
    ],
  ])('the configuration: %s', async (_what, given, expected) => {
    expect(await (await machine(given)).about('config')).toEqual(expected);
  });

  test.each([
    [undefined, 'info: no server has answered yet, so the clock is not compared'],
    [59_000, 'ok: agrees with the last server that answered'],
    [120_000, 'warning: 2 min ahead of the last server that answered → Set the clock by NTP'],
    [-120_000, 'warning: 2 min behind the last server that answered → Set the clock by NTP'],
  ])('a clock that is wrong by %s ms', async (skewMs, expected) => {
    expect(await (await machine({ skewMs })).about('clock')).toEqual([expected]);
  });

  test('a proxy is shown by the name of its variable, never by its address', async () => {
    const { about } = await machine({}, { https_proxy: 'http://me:SECRET@proxy.test', NO_PROXY: 'localhost' });
    expect(await about('proxy')).toEqual(['ok: taken from the environment: https_proxy, NO_PROXY']);
  });

  test('failed plugins are listed with their error, loading ones too; loaded ones are not', async () => {
    const info = { id: 'x', kind: 'provider' as const, loadMs: 1 };
    const { about } = await machine({
      plugins: [
        { ...info, module: 'good', status: 'loaded' },
        { ...info, module: 'slow', status: 'loading' },
        { ...info, module: 'bad', status: 'failed', error: { code: 'KA_PLUGIN_FAILED', message: 'The plugin threw.' } },
      ],
    });
    expect([await about('good'), await about('slow'), await about('bad')]).toEqual([
      [],
      ['info: still loading'],
      ['error: The plugin threw.'],
    ]);
  });
});

const ALIVE: SessionState = { name: 'alive', wakeAt: 1, wakeWhy: '' };

/** The findings on one session. Its program prints `stdout`, and `stat` describes its files. */
const session = async (
  seen: Inspected['seen'],
  given: { state?: SessionState; stdout?: string; stat?: (path: string) => unknown } = {},
) => {
  const contexts = {
    notify: () => ({ exec: async () => ({ stdout: given.stdout ?? '' }) }),
    inspect: () => ({ files: { stat: async (path: string) => given.stat?.(path) } }),
  } as unknown as Inspected['contexts'];
  const record = { state: given.state ?? ALIVE, lastSuccessAt: Date.UTC(2026, 0, 1) };
  return (await checkSession({ id: 'codex', record, contexts, seen })).map(short);
};

describe('a session', () => {
  const present: Inspection = { present: true, method: 'redeem', owner: 'codex' };

  test('a credential is described by place, owner, method and expiry', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    expect(await session({ ...present, store: '/a', program: '/bin/codex', expiresAt })).toEqual([
      'ok: credential present in /a, owned by codex (/bin/codex), method redeem, ' +
        `expires ${expiresAt.toISOString()}`,
    ]);
  });

  test('the program that renews it is named with its path', async () => {
    const renewed: Inspection = { present: false, method: 'touch', owner: 'acme', store: '/a' };
    expect(await session({ ...renewed, program: '/bin/acme' })).toEqual([
      'warning: no credential in /a, renewed by acme (/bin/acme), method touch',
    ]);
    expect(await session(renewed)).toEqual([
      'warning: no credential in /a, renewed by acme, whose program was not found, method touch',
    ]);
  });

  test('an expired or missing credential is a warning with the provider’s hint', async () => {
    const expiresAt = new Date(1_000);
    expect(await session({ ...present, expiresAt })).toEqual([expect.stringMatching(/^warning: .*expired 1970/)]);
    expect(await session({ present: false, hint: 'Run `codex login`.' })).toEqual([
      'warning: no credential → Run `codex login`.',
    ]);
  });

  test('a credential that cannot be read is the only finding', async () => {
    expect(
      await session({ unreadable: 'EACCES' }, { state: { name: 'halted', why: 'unavailable', hint: '', failures: 0 } }),
    ).toEqual([expect.stringMatching(/^error: The credential cannot be read: EACCES → Sign in again/)]);
  });

  test('the program’s version is shown, or a warning if it prints none', async () => {
    const seen = { ...present, program: '/bin/codex', versionArgs: ['--version'] };
    expect(await session(seen, { stdout: 'codex 1.2\nmore\n' })).toContain('ok: the program codex is codex 1.2');
    expect(await session(seen)).toContain(
      'warning: /bin/codex does not say its version → Run it by hand: /bin/codex --version',
    );
  });

  test.skipIf(process.platform === 'win32').each([
    [0o600, 0o755, 'ok: /a/b has mode 600'],
    [0o644, 0o700, 'ok: /a/b has mode 644'],
    [0o644, 0o755, 'warning: /a/b has mode 644: others can read it → chmod 600 /a/b'],
  ])('a store of mode %o in a folder of mode %o', async (mode, folder, expected) => {
    const stat = (path: string) => ({ path, mode: path === '/a/b' ? mode : folder, writable: true });
    expect(await session({ ...present, store: '/a/b' }, { stat })).toContain(expected);
  });

  test('a store that cannot be written is a warning', async () => {
    const stat = (path: string) => ({ path, mode: 0o600, writable: false });
    expect(await session({ ...present, store: '/a' }, { stat })).toContainEqual(
      expect.stringMatching(/^warning: \/a cannot be written → Check its owner/),
    );
  });

  test.each([
    ['login-required', 'error'],
    ['too-many-failures', 'error'],
    ['unavailable', 'warning'],
  ] as const)('halted as %s', async (why, level) => {
    const state: SessionState = { name: 'halted', why, hint: 'Do this.', failures: 0 };
    expect(await session(undefined, { state })).toEqual([
      `${level}: halted: ${why}; it was kept alive until 2026-01-01T00:00:00.000Z → Do this.`,
    ]);
  });

  test('a session that the user paused is not a finding', async () => {
    expect(await session(undefined, { state: { name: 'halted', why: 'paused', hint: '', failures: 0 } })).toEqual([]);
  });

  test('a login in two stores is a finding of the session that waits', () => {
    const shared = { session: 'other', holder: 'other' };
    const waiting: Session = {
      id: 'codex',
      displayName: 'Codex',
      provider: 'codex',
      method: 'redeem',
      policy: DEFAULT_POLICY,
      state: ALIVE,
      shared,
    };
    expect(checkSharedLogin(waiting).map(short)).toEqual([
      expect.stringMatching(/^warning: holds the same login as "other", which keeps it alive → Sign in separately/),
    ]);
    expect(checkSharedLogin({ ...waiting, shared: { ...shared, spent: true } }).map(short)).toEqual([
      expect.stringMatching(/^warning: holds a refresh token that may be spent/),
    ]);
    expect(checkSharedLogin({ ...waiting, shared: { session: 'other', holder: 'codex' } })).toEqual([]);
  });
});
