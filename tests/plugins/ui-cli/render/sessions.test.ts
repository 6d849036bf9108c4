import { describe, expect, test } from 'vitest';
import { renderSession } from '../../../../plugins/ui-cli/render/session-card.ts';
import { renderOverview } from '../../../../plugins/ui-cli/render/overview.ts';
import { coloured, plain } from '../../../../plugins/ui-cli/render/view.ts';
import { displayWidth } from '../../../../plugins/ui-cli/render/width.ts';
import type { Notice, Session, SessionState } from '../../../../sdk/contract/session.ts';
import {
  ALIVE,
  attempt,
  DAY,
  FAILING,
  GAVE_UP,
  HOUR,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  SESSIONS,
  UNAVAILABLE,
} from '../fake-kernel.ts';

const overview = { sessions: SESSIONS, plugins: [], notices: [] };
const render = (width: number) => renderOverview(overview, { now: NOW, width, paint: plain });

describe('the table of sessions', () => {
  test.each([40, 60, 80, 120])('is never wider than %i columns, in colour too', width => {
    for (const paint of [plain, coloured]) {
      const lines = renderOverview(overview, { now: NOW, width, paint }).split('\n');
      expect(lines.filter(line => displayWidth(line) > width)).toEqual([]);
    }
  });

  test('shows every column at 140 columns, and trouble first', () => {
    const lines = render(140).split('\n');
    expect(lines[2]).toMatch(/METHOD {2}WHY$/);
    expect(lines.slice(0, 7).map(line => line.slice(0, 103).trimEnd())).toEqual([
      '✗ 2 of 4 sessions need you',
      '',
      'ID         STATE             EXPIRES  NEXT       RENEWED    CHECKED     LOGIN ENDS  ACCOUNT      METHOD',
      'codex      ✗ login required                                 3 days ago                           touch',
      'acme-work  ▲ failing                  in 4 min              1 h ago                              touch',
      'claude     ● alive           in 5 h   in 28 min  2 min ago  2 min ago   in 12 days  m…@a.b, Max  touch',
      'web        ‖ paused                                                                              touch',
    ]);
  });

  test('keeps the most important columns at 40 columns', () => {
    expect(render(40).split('\n').slice(2, 5)).toEqual([
      'ID         STATE             EXPIRES',
      'codex      ✗ login required',
      'acme-work  ▲ failing',
    ]);
  });

  test('shows in the colour of trouble that a credential has expired, whatever its state', () => {
    const paint = (style: string, text: string) => `<${style}>${text}`;
    const sessions = [session('web', OFFLINE, { expiresAt: NOW - HOUR })];
    expect(renderOverview({ ...overview, sessions }, { now: NOW, width: Infinity, paint })).toContain(
      '<red>expired 1 h ago',
    );
  });

  test('joins what is the same for several sessions', () => {
    const sessions = Array.from({ length: 12 }, (_, at) => session(`s${at}`, GAVE_UP));
    const remarks = renderOverview({ ...overview, sessions }, { now: NOW, width: Infinity, paint: plain }).split(
      '\n\n',
    );
    expect(remarks.at(-1)).toBe(
      '✗ s0, s1, s2, s3, s4 and 7 more: The vendor answered something unexpected. ' +
        'When the cause is fixed, run `keepalive resume ID`.',
    );
  });

  test.each<[string, SessionState, string]>([
    [
      'a session that gave up',
      { ...GAVE_UP, wakeAt: NOW + DAY, wakeWhy: '' } as SessionState,
      '✗ web: The vendor answered something unexpected. When the cause is fixed, run `keepalive resume web`.',
    ],
    [
      'a waiting one, with its reason',
      {
        name: 'waiting',
        why: 'deferred',
        failures: 0,
        tries: 0,
        wakeAt: NOW + DAY,
        wakeWhy: '',
        hint: 'Claude renews it when it is next used',
      },
      '◌ web: Claude renews it when it is next used.',
    ],
    [
      'an unavailable one, and that it resumes automatically',
      { name: 'halted', why: 'unavailable', failures: 0, hint: 'Install it.' },
      '✗ web: Install it. It resumes automatically when that is done.',
    ],
    [
      'a required login, with a reason that ends with a bracket',
      { name: 'halted', why: 'login-required', failures: 0, hint: 'Sign in. (The vendor answered 400.)' },
      '✗ web: Sign in. (The vendor answered 400.) It resumes as soon as that is done.',
    ],
  ])('says beneath of %s', (_name, state, line) => {
    expect(
      renderOverview({ ...overview, sessions: [session('web', state)] }, { now: NOW, width: Infinity, paint: plain })
        .split('\n')
        .at(-1),
    ).toBe(line);
  });

  test('shows below what answered instead of the vendor', () => {
    const hint = 'Something between you and the vendor answered in its place. (status: 403)';
    const intercepted = session('web', { ...OFFLINE, hint } as SessionState, {
      lastAttempt: attempt('web', { outcome: 'offline', code: 'KA_INTERCEPTED' }),
    });
    const text = renderOverview({ ...overview, sessions: [intercepted] }, { now: NOW, width: Infinity, paint: plain });
    expect(text.split('\n').at(-1)).toBe(`◌ web: ${hint}.`);
  });

  test('wraps between words if there is no session', () => {
    const text = renderOverview({ sessions: [], plugins: [], notices: [] }, { now: NOW, width: 40, paint: plain });
    expect(text.split('\n').every(line => line.length <= 40)).toBe(true);
  });

  test('shows advice below for each session in trouble, and for no other', () => {
    expect(render(Infinity).split('\n').slice(7)).toEqual([
      '',
      '✗ codex: Sign in again: run `codex login`. It resumes as soon as that is done.',
      '▲ acme-work: The program did not do what was asked of it. `keepalive explain acme-work` says more.',
    ]);
  });

  test('shows plugins that did not load and logins that end soon', () => {
    const text = renderOverview(
      {
        sessions: [session('web', OFFLINE)],
        plugins: [
          {
            id: '',
            kind: 'unknown',
            module: './mine.ts',
            status: 'failed',
            loadMs: 1,
            error: { code: 'KA_PLUGIN_FAILED', message: 'The plugin threw.' },
          },
        ],
        notices: [
          {
            id: 'n',
            session: 'web',
            level: 'warning',
            code: 'login-ends-soon',
            raisedAt: NOW,
            title: 'The login ends in 3 days.',
            body: '',
          },
        ],
      },
      { now: NOW, width: Infinity, paint: plain },
    );
    expect(text.split('\n').slice(4)).toEqual([
      '',
      '✗ The plugin ./mine.ts was not loaded: The plugin threw.',
      '▲ web: The login ends in 3 days.',
    ]);
  });

  test('shows a warm-up that has paused itself, which is no plugin that did not load', () => {
    const paused: Notice = {
      id: 'n',
      session: 'morning',
      level: 'warning',
      code: 'warmup-paused',
      raisedAt: NOW,
      title: 'Warm-up morning is paused',
      body: 'Two had no effect.',
      action: 'Run `keepalive warmup morning --resume`.',
    };
    const text = renderOverview(
      { sessions: [session('web', OFFLINE)], plugins: [], notices: [paused] },
      { now: NOW, width: Infinity, paint: plain },
    );
    expect(text.split('\n').slice(4)).toEqual([
      '',
      '▲ Warm-up morning is paused. Two had no effect. Run `keepalive warmup morning --resume`.',
    ]);
  });

  test.each<[string, Partial<Session>, string, string]>([
    ['its credential', { expiresAt: NOW - HOUR }, '▲ expired', '▲ web: It has expired and was not renewed.'],
    [
      'the login behind it',
      { expiresAt: NOW + HOUR, loginExpiresAt: NOW - HOUR },
      '▲ login ended',
      '▲ web: Its login has ended. Sign in again with the tool.',
    ],
  ])('calls no session alive after the end of %s', (_, facts, state, remark) => {
    const text = renderOverview(
      { sessions: [session('web', ALIVE, facts)], plugins: [], notices: [] },
      { now: NOW, width: Infinity, paint: plain },
    );
    expect(text).toContain(`web  ${state}`);
    expect(text).not.toContain('● alive');
    expect(text.split('\n').slice(4)).toEqual(['', remark]);
    expect(renderSession(session('web', ALIVE, facts), { now: NOW, width: 80, paint: plain })).toContain(state);
  });

  test('shows until when a missing login was kept alive', () => {
    const vanished = session('web', UNAVAILABLE, { lastSuccessAt: NOW - 2 * HOUR });
    expect(
      renderOverview({ sessions: [vanished], plugins: [], notices: [] }, { now: NOW, width: Infinity, paint: plain }),
    ).toContain('✗ web: It was kept alive until 2 h ago (10:00). Not installed.');
  });

  test('announces no retry if no daemon runs', () => {
    const { nextAttemptAt: _at, nextAttemptWhy: _why, ...alone } = session('web', FAILING);
    const text = renderOverview(
      { sessions: [alone], plugins: [], notices: [] },
      { now: NOW, width: Infinity, paint: plain },
    );
    expect(text).toContain('The program did not do what was asked of it. `keepalive explain web` says more.');
  });

  test('shows a plugin that is still loading', () => {
    const plugins = [{ id: './slow.ts', kind: 'unknown', module: './slow.ts', status: 'loading', loadMs: 0 }] as const;
    expect(
      renderOverview(
        { sessions: [session('web', ALIVE)], plugins, notices: [] },
        { now: NOW, width: Infinity, paint: plain },
      ),
    ).toContain('▲ The plugin ./slow.ts is still loading.');
  });

  test('says that nothing is kept alive', () => {
    expect(renderOverview({ sessions: [], plugins: [], notices: [] }, { now: NOW, width: 80, paint: plain })).toBe(
      '○ No session is kept alive yet\n\n`keepalive doctor` shows what was found on this machine.',
    );
  });
});

test('one session is shown in full', () => {
  const view = { now: NOW, width: 80, paint: plain };
  expect(renderSession(session('web', GAVE_UP, { lastSuccessAt: NOW - DAY, loginExpiresAt: NOW + DAY }), view)).toBe(
    [
      'web  A tool  ✗ gave up',
      '  what to do    The vendor answered something unexpected. When the cause is',
      '                fixed, run `keepalive resume web`.',
      '  checked       24 h ago (Mon 9 Mar 12:00)',
      '  login ends    in 24 h (Wed 11 Mar 12:00)',
      '  warnings      7 days, 3 days and 1 day before the login ends',
      '  method        touch',
      '  plugin        codex',
      '  schedule      5 minutes before expiry, or every 30 minutes while no expiry is',
      '                known',
    ].join('\n'),
  );
});

describe('one session in full', () => {
  const shown = (id: string, state: Session['state'], facts: Partial<Session> = {}) =>
    renderSession(session(id, state, facts), { now: NOW, width: 200, paint: plain });

  test('does not repeat an id that is also its name', () => {
    expect(shown('web', ALIVE, { displayName: 'web' }).split('\n')[0]).toBe('web  ● alive');
  });

  test('says what to do before its login ends', () => {
    const ends = { loginExpiresAt: NOW + DAY, renew: 'Run `npm login`.' };
    expect(shown('npm', ALIVE, ends)).toContain('  before that   Run `npm login`.');
    expect(shown('npm', ALIVE, { renew: ends.renew })).not.toContain('npm login');
  });

  test.each<[Session['policy']['warn'], string]>([
    [['30d', '1d'], '30 days and 1 day before the login ends'],
    [[], 'none before the login ends'],
  ])('says when the user is warned of the end of its login: %j', (warn, text) => {
    const ends = { loginExpiresAt: NOW + DAY, policy: { ...session('npm', ALIVE).policy, warn } };
    expect(shown('npm', ALIVE, ends)).toContain(`  warnings      ${text}`);
  });

  test('says the reason of a failed attempt once', () => {
    const message = 'The vendor answered something unexpected.';
    const lastAttempt: Session['lastAttempt'] = { ...attempt('web'), outcome: 'failed', message };
    const text = shown('web', GAVE_UP, { lastAttempt });
    expect(text.split('The vendor answered')).toHaveLength(2);
    expect(text).toContain('last attempt  2 min ago (11:58): failed\n');
    expect(text).not.toContain('checked');
  });

  test.each<[Session['state'], string]>([
    [PAUSED, 'To keep it alive again, run `keepalive resume web`.'],
    [
      { name: 'halted', why: 'paused', hint: '', failures: 0, disabled: true },
      'To keep it alive, run `keepalive set web enabled=true`.',
    ],
  ])('that is switched off says how it is kept alive again: %j', (state, advice) => {
    expect(shown('web', state)).toContain(advice);
  });
});

test('one that is renewed early shows it in its schedule', () => {
  const { policy, ...rest } = session('web', GAVE_UP);
  expect(
    renderSession({ ...rest, policy: { ...policy, renewEarly: true } }, { now: NOW, width: 80, paint: plain }),
  ).toContain('schedule      from half of a known lifetime on, 5 minutes before expiry at the');
});
