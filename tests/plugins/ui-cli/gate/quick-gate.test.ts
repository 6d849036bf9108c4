import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quickGate } from '../../../../plugins/ui-cli/gate/quick-gate.ts';
import type { SessionRecord, StatesFile } from '../../../../sdk/contract/session.ts';
import { identityOf } from '../../../../sdk/system/process-identity.ts';
import { ALIVE, FAILING, HOUR, LOGIN, MINUTE, NOW, OFFLINE, PAUSED } from '../fake-kernel.ts';
import { temporaryFolder } from '../run-cli.ts';

const GOOD: SessionRecord = { displayName: 'A tool', state: ALIVE, expiresAt: NOW + 5 * HOUR };
const good = (more: Partial<SessionRecord> = {}): SessionRecord => ({ ...GOOD, ...more });

type Sessions = StatesFile['sessions'];
type Beside = Partial<StatesFile> & { readonly daemon?: false };

/** A home as a daemon leaves it while it runs, with a program `claude`. */
function homeWith(sessions: Sessions, { daemon, ...more }: Beside = {}) {
  const home = temporaryFolder();
  const states: StatesFile = { version: 1, notices: [], sessions, ...more };
  writeFileSync(join(home, 'states.json'), JSON.stringify(states));
  const self = { pid: process.pid, process: identityOf(process.pid), port: 9, token: 't' };
  if (daemon !== false) writeFileSync(join(home, 'endpoint.json'), JSON.stringify(self));
  writeFileSync(join(home, 'claude'), '#!/bin/sh\n', { mode: 0o755 });
  return { home, env: { HOME: home, KEEPALIVE_HOME: home, PATH: `${home}:/usr/bin:/bin` } };
}

const passes = (sessions: Sessions, args: readonly string[] = ['--', 'sh'], beside: Beside = {}): boolean =>
  quickGate(args, homeWith(sessions, beside).env, NOW) !== undefined;

test('a command starts at once if the last saved states are good, with its own arguments', () => {
  const { env } = homeWith({ a: good(), b: good() });
  const program = quickGate(['--min=1h', '--', 'sh', '--min', '--', 'x'], env, NOW);
  expect(program).toEqual({ file: expect.stringMatching(/\/sh$/), argv: ['sh', '--min', '--', 'x'] });
});

describe('leaves it to the full command', () => {
  test.each<[string, Sessions, Beside]>([
    ['no daemon runs', { a: good() }, { daemon: false }],
    ['no session is kept', {}, {}],
    ['a login is required', { a: good(), b: good({ state: LOGIN }) }, {}],
    ['one fails', { a: good({ state: FAILING }) }, {}],
    ['one is offline', { a: good({ state: OFFLINE }) }, {}],
    ['one is paused', { a: good({ state: PAUSED }) }, {}],
    ['one has expired', { a: good({ expiresAt: NOW }) }, {}],
    ['a login has ended', { a: good({ loginExpiresAt: NOW }) }, {}],
    ['one is due', { a: good({ state: { name: 'alive', wakeAt: NOW, wakeWhy: '' } }) }, {}],
    ['a newer version wrote the states', { a: good() }, { version: 2 } as unknown as Beside],
    [
      'a plugin did not load',
      { a: good() },
      {
        notices: [
          { id: 'n', session: 'x', level: 'error', code: 'plugin-failed', title: '', body: '', raisedAt: NOW },
        ] as StatesFile['notices'],
      },
    ],
  ])('if %s', (_, sessions, beside) => {
    expect(passes(sessions, ['--', 'sh'], beside)).toBe(false);
  });

  test.each([
    [[]],
    [['sh']],
    [['--']],
    [['--', '']],
    [['--', 'no-such-program']],
    [['--', '/tmp']],
    [['--min', 'soon', '--', 'sh']],
    [['--min', '--', 'sh']],
    [['--wait', 'long', '--', 'sh']],
    [['--session', '', '--', 'sh']],
    [['--session=', '--', 'sh']],
    [['--session', ',', '--', 'sh']],
    [['--session', 'a,', '--', 'sh']],
    [['--session', 'nope', '--', 'sh']],
    [['--session', 'constructor', '--', 'sh']],
    [['--json', '--', 'sh']],
    [['--help', '--', 'sh']],
    [['sh', '--', 'sh']],
    [['--min', '6h', '--', 'sh']],
  ])('for %j', args => {
    expect(passes({ a: good() }, args)).toBe(false);
  });
});

test.each<[string, readonly string[], Sessions]>([
  ['only the sessions that are named', ['--session', 'a', '--', 'sh'], { a: good(), b: good({ state: LOGIN }) }],
  ['several of them', ['--session=a,c', '--session', 'a', '--', 'sh'], { a: good(), c: good() }],
  ['an end that is far enough away', ['--min', '5h', '--', 'sh'], { a: good({ loginExpiresAt: NOW + 5 * HOUR }) }],
  ['an end that is not known', ['--min', '9d', '--', 'sh'], { a: { displayName: 'A tool', state: ALIVE } }],
])('looks at %s', (_, args, sessions) => {
  expect(passes(sessions, args)).toBe(true);
});

test('the last --min counts, as in the full command', () => {
  const sessions = { a: good({ loginExpiresAt: NOW + 30 * MINUTE }) };
  expect(passes(sessions, ['--min', '1h', '--min', '1m', '--', 'sh'])).toBe(true);
  expect(passes(sessions, ['--min', '1m', '--min', '1h', '--', 'sh'])).toBe(false);
});

describe('for a program of a vendor', () => {
  const HOME_VARIABLE = process.env['HOME'];

  function claudeHome(work: SessionRecord['state']) {
    const { home, env } = homeWith({});
    mkdirSync(join(home, '.claude'));
    writeFileSync(join(home, '.claude/.credentials.json'), '{}');
    const login = (store: string) => ({ login: { store } }) as Partial<SessionRecord>;
    const sessions = {
      claude: good(login(join(home, '.claude/.credentials.json'))),
      'claude-work': good({ state: work, ...login(join(home, '.claude-work/.credentials.json')) }),
    };
    writeFileSync(join(home, 'states.json'), JSON.stringify({ version: 1, notices: [], sessions }));
    return { home, env };
  }

  const within = (home: string, look: () => unknown) => {
    process.env['HOME'] = home;
    try {
      return look();
    } finally {
      process.env['HOME'] = HOME_VARIABLE;
    }
  };

  test.skipIf(process.platform === 'win32')('looks at the session of its usual folder only', () => {
    const { home, env } = claudeHome(LOGIN);
    expect(within(home, () => quickGate(['--', 'claude'], env, NOW))).toBeDefined();
  });

  test('lets the daemon find the session of another folder', () => {
    const { home, env } = claudeHome(ALIVE);
    const given = { ...env, CLAUDE_CONFIG_DIR: join(home, '.claude-work') };
    expect(within(home, () => quickGate(['--', 'claude'], given, NOW))).toBeUndefined();
  });

  test.skipIf(process.platform === 'win32')('follows a link to the credential', () => {
    const { home, env } = claudeHome(LOGIN);
    const link = join(temporaryFolder(), 'link');
    symlinkSync(home, link);
    expect(within(link, () => quickGate(['--', 'claude'], env, NOW))).toBeDefined();
  });
});
