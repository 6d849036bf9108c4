import { expect, test } from 'vitest';
import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session, SessionState } from '../../../sdk/contract/session.ts';
import { attentionOf, type Overview } from '../../../sdk/wording/attention.ts';
import { headlineOf } from '../../../sdk/wording/headline.ts';
import { notice } from '../../support/notice.ts';
import {
  ALIVE,
  DAY,
  FAILING,
  GAVE_UP,
  HOUR,
  LOGIN,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  UNAVAILABLE,
} from '../../plugins/ui-cli/fake-kernel.ts';

const BROKEN: PluginInfo = { id: './x.ts', kind: 'unknown', module: './x.ts', status: 'failed', loadMs: 0 };
const about = (id: string, more: Partial<Notice> = {}) => notice({ id: `${id}:notice`, session: id, ...more });
const overview = (sessions: readonly Session[], more: Partial<Overview> = {}): Overview => ({
  sessions,
  plugins: [],
  notices: [],
  ...more,
});
const CHECKING: SessionState = { name: 'refreshing', since: NOW, failures: 0, tries: 1 };
const STARTING: SessionState = { name: 'idle', wakeAt: NOW, wakeWhy: 'first check', failures: 0 };
const kept = (more: Partial<Session> = {}, id = 'claude') => session(id, ALIVE, { displayName: id, ...more });

test.each<[string, Overview, string]>([
  ['nothing', overview([]), 'No session is kept alive yet'],
  ['one session without a known end', overview([kept()]), 'Keeping 1 session alive'],
  ['two', overview([kept(), kept({}, 'codex')]), 'Keeping 2 sessions alive'],
  ['one paused', overview([kept(), session('codex', PAUSED)]), 'Keeping 1 session alive, 1 paused'],
  ['the only one paused', overview([session('codex', PAUSED)]), 'The session is paused'],
  ['all paused', overview([session('a', PAUSED), session('b', PAUSED)]), 'All 2 sessions are paused'],
  [
    'the earliest end of a login counts, not the expiries that keepalive moves',
    overview([
      kept({ expiresAt: NOW + HOUR, loginExpiresAt: NOW + 9 * DAY }),
      kept({ loginExpiresAt: NOW + 3 * DAY }, 'codex'),
    ]),
    'All 2 good until Fri 12:00, even if you do nothing',
  ],
  ...[CHECKING, STARTING].map((state): [string, Overview, string] => [
    `a session that is ${state.name} is as good as before`,
    overview([kept({ state, lastSuccessAt: NOW, expiresAt: NOW + HOUR, loginExpiresAt: NOW + 3 * DAY })]),
    'claude is good until Fri 12:00, even if you do nothing',
  ]),
  [
    'nothing is promised for a session that was never checked',
    overview([kept({ state: STARTING, lastSuccessAt: undefined, expiresAt: NOW + HOUR, loginExpiresAt: NOW + DAY })]),
    'Keeping 1 session alive',
  ],
  [
    'nothing renews a session that is only watched',
    overview([kept({ method: 'observe', expiresAt: NOW + DAY })]),
    'claude is good until tomorrow 12:00, even if you do nothing',
  ],
  [
    'nothing renews a session that is offline',
    overview([session('claude', OFFLINE, { displayName: 'Claude', expiresAt: NOW + HOUR })]),
    'Claude is good until 13:00, even if you do nothing',
  ],
  ['a login', overview([kept(), session('codex', LOGIN)]), '1 of 2 sessions needs you'],
  [
    'several troubles',
    overview([session('a', LOGIN), session('b', GAVE_UP), session('c', FAILING), kept()]),
    '3 of 4 sessions need you',
  ],
  [
    'an expired session that is offline',
    overview([session('a', OFFLINE, { expiresAt: NOW - HOUR })]),
    '1 of 1 session needs you',
  ],
  ['a plugin too', overview([session('a', LOGIN)], { plugins: [BROKEN] }), '2 things need you'],
])('the headline with %s', (_what, shown, text) => {
  expect(headlineOf(shown, NOW)).toBe(text);
});

test.each<[string, Overview, readonly (readonly [string, string])[]]>([
  [
    'a paused session with a notice',
    overview([session('a', PAUSED)], { notices: [about('a', { level: 'warning' })] }),
    [],
  ],
  [
    'a session with a warning',
    overview([kept()], { notices: [about('claude', { level: 'warning' })] }),
    [['claude', 'warning']],
  ],
  [
    'a session in trouble with its notice',
    overview([session('a', LOGIN)], { notices: [about('a')] }),
    [['a', 'error']],
  ],
  ['a retry', overview([session('a', FAILING)]), [['a', 'warning']]],
  ['a tool that was never signed in', overview([session('a', UNAVAILABLE)]), [['a', 'warning']]],
  ['a session that was kept', overview([session('a', UNAVAILABLE, { lastSuccessAt: NOW - DAY })]), [['a', 'error']]],
  [
    'a notice about the daemon',
    overview([], { notices: [about('keepalive', { code: 'port-taken', level: 'warning' })] }),
    [['keepalive', 'warning']],
  ],
  ['a notice that informs', overview([kept()], { notices: [about('claude', { level: 'info' })] }), []],
  [
    'the worst first',
    overview([session('a', FAILING), session('b', LOGIN)], { plugins: [BROKEN] }),
    [
      ['b', 'error'],
      ['./x.ts', 'error'],
      ['a', 'warning'],
    ],
  ],
])('what needs the user: %s', (_what, shown, items) => {
  expect(attentionOf(shown, NOW).map(({ id, level }) => [id, level])).toEqual(items);
});
