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
    expect(await about('proxy')).toEqual(['ok: none is set in the environment']);
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
      'a changed one that is refused while the daemon runs',
      { refusal: { file: '/a.json', problem: 'plugins: expected a list' } },
      ['error: /a.json: plugins: expected a list → The last valid one stays in force; the next start refuses it.'],
    ],
    [
      'one that is gone',
      { refusal: { file: '/a.json', problem: 'The file is gone', isGone: true } },
      ['error: /a.json: The file is gone → What it said stays in force until the next start.'],
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
    [
      'a route for a notifier that does not exist, about a session that does not exist',
      {
        config: {
          ...WITHOUT_FILE,
          file: '/a.json',
          notices: { routes: { desk: { sessions: ['codx', 'keepalive'] }, dsek: {} } },
        },
        sessions: ['codex'],
        plugins: [{ id: 'desk', kind: 'notifier', module: 'notify-desktop', status: 'loaded', loadMs: 1 }],
      },
      [
        'ok: /a.json',
        'warning: notices.routes.desk names codx, which is no session → The sessions are: codex',
        'warning: notices.routes.dsek matches no notifier → The notifiers are: desk',
      ],
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

const NOW = Date.UTC(2026, 0, 2, 12);
const H = 3_600_000;
const wake = { wakeAt: NOW + 1, wakeWhy: '' };
const ALIVE: SessionState = { name: 'alive', ...wake };
const CODEX: Session = {
  id: 'codex',
  displayName: 'Codex',
  provider: 'codex',
  method: 'redeem',
  policy: DEFAULT_POLICY,
  state: ALIVE,
};

/** The findings on one session. Its program prints `stdout`, and `stat` describes its files. */
const session = async (
  seen: Inspected['seen'],
  given: Partial<Session> & { stdout?: string; stat?: (path: string) => unknown } = {},
) => {
  const { stdout = '', stat, ...facts } = given;
  const contexts = {
    notify: () => ({ exec: async () => ({ stdout }) }),
    inspect: () => ({ files: { stat: async (path: string) => stat?.(path) } }),
  } as unknown as Inspected['contexts'];
  const about = { session: { ...CODEX, ...facts }, contexts, seen, userHome: '/home/me', now: NOW };
  return (await checkSession(about)).map(short);
};

describe('a session', () => {
  const present: Inspection = { present: true, method: 'touch', owner: 'codex' };
  const hint = 'Do this.';
  const halted = (why: Extract<SessionState, { name: 'halted' }>['why']): Partial<Session> => ({
    state: { name: 'halted', why, hint, failures: 0 },
    lastSuccessAt: NOW - 2 * H,
  });
  const waiting = (why: Extract<SessionState, { name: 'waiting' }>['why']): Partial<Session> => ({
    state: { name: 'waiting', why, hint, failures: 0, tries: 0, ...wake },
    expiresAt: NOW + H,
  });

  test('is one line: how it is, when it ends, where its credential is and who renews it', async () => {
    const seen = { ...present, store: '/home/me/.codex/auth.json', program: '/home/me/bin/codex', versionArgs: ['-v'] };
    const ends = { expiresAt: NOW + 5 * H, loginExpiresAt: NOW + 72 * H };
    expect(await session(seen, { ...ends, stdout: 'codex 1.2\nmore\n' })).toEqual([
      'ok: alive, expires in 5 h, login ends in 3 days, in ~/.codex/auth.json, renewed by ~/bin/codex (codex 1.2)',
    ]);
    expect(await session({ ...present, store: '/a', program: '/bin/acme' })).toEqual([
      'ok: alive, in /a, renewed by /bin/acme',
    ]);
    expect(await session(present)).toEqual(['ok: alive, renewed by codex, whose program was not found']);
    expect(await session({ ...present, method: 'observe' })).toEqual(['ok: alive, only watched']);
  });

  test.each<[Partial<Session>, string]>([
    [{ expiresAt: NOW - H }, 'warning: expired 1 h ago'],
    [{ loginExpiresAt: NOW - H }, 'error: login ended 1 h ago'],
    [{ state: { name: 'idle', failures: 0, ...wake } }, 'info: pending'],
    [{ state: { name: 'refreshing', since: NOW, failures: 0, tries: 1 } }, 'info: refreshing'],
    [waiting('offline'), 'info: offline, expires in 1 h → Do this.'],
    [{ ...waiting('offline'), expiresAt: NOW - H }, 'warning: expired 1 h ago → Do this.'],
    [waiting('backoff'), 'warning: failing, expires in 1 h → Do this.'],
    [waiting('rate-limited'), 'info: rate-limited, expires in 1 h → Do this.'],
    [waiting('deferred'), 'info: deferred, expires in 1 h → Do this.'],
    [halted('login-required'), 'error: login required, last alive 2 h ago → Do this.'],
    [halted('too-many-failures'), 'error: gave up, last alive 2 h ago → Do this.'],
    [halted('unavailable'), 'warning: unavailable, last alive 2 h ago → Do this.'],
    [halted('paused'), 'info: paused'],
  ])('%j is "%s"', async (facts, expected) => {
    expect(await session({ present: true }, facts)).toEqual([expected]);
    expect(await session(undefined, facts)).toEqual([expected]);
  });

  test('a refresh token that is spent against the vendor’s terms is a warning, also while it is alive', async () => {
    const redeemed = { ...present, method: 'redeem', hint: 'Install codex.' };
    expect(await session(redeemed)).toEqual(['warning: alive, renewed by Keepalive → Install codex.']);
    expect(await session({ ...redeemed, hint: undefined })).toEqual(['ok: alive, renewed by Keepalive']);
    expect(await session({ ...redeemed, method: 'touch', program: '/c' })).toEqual([
      'ok: alive, renewed by /c → Install codex.',
    ]);
  });

  test('a missing credential is named with its place', async () => {
    expect(await session({ present: false, store: '/home/me/a', hint }, halted('unavailable'))).toEqual([
      'warning: unavailable, last alive 2 h ago, no credential in ~/a → Do this.',
    ]);
  });

  test('a credential that cannot be read is the only finding', async () => {
    expect(await session({ unreadable: 'EACCES' }, halted('unavailable'))).toEqual([
      expect.stringMatching(/^error: The credential cannot be read: EACCES → Sign in again/),
    ]);
  });

  test('a program that prints no version is a separate finding', async () => {
    const seen = { ...present, program: '/home/me/codex', versionArgs: ['--version'] };
    expect(await session(seen)).toEqual([
      'ok: alive, renewed by ~/codex',
      'warning: ~/codex does not say its version → Run it by hand: ~/codex --version',
    ]);
  });

  const place = { present: true, store: '/a/b' };
  test.skipIf(process.platform === 'win32').each([
    [0o600, 0o755, []],
    [0o644, 0o700, []],
    [0o644, 0o755, ['warning: /a/b has mode 644: others can read it → chmod 600 /a/b']],
  ])('a store of mode %o in a folder of mode %o', async (mode, folder, troubles) => {
    const stat = (path: string) => ({ path, mode: path === '/a/b' ? mode : folder, writable: true });
    expect(await session(place, { stat })).toEqual(['ok: alive, in /a/b', ...troubles]);
  });

  test('a store that cannot be written is a warning', async () => {
    const stat = (path: string) => ({ path, mode: 0o600, writable: false });
    expect(await session(place, { stat })).toContainEqual(
      expect.stringMatching(/^warning: \/a\/b cannot be written → Check its owner/),
    );
  });

  test('a login in two stores is a finding of the session that waits', () => {
    const shared = { session: 'other', holder: 'other' };
    const sharing = { ...CODEX, shared };
    expect(checkSharedLogin(sharing).map(short)).toEqual([
      expect.stringMatching(/^warning: holds the same login as "other", which keeps it alive → Sign in separately/),
    ]);
    expect(checkSharedLogin({ ...sharing, shared: { ...shared, spent: true } }).map(short)).toEqual([
      expect.stringMatching(/^warning: holds a refresh token that may be spent/),
    ]);
    expect(checkSharedLogin({ ...sharing, shared: { session: 'other', holder: 'codex' } })).toEqual([]);
  });
});
