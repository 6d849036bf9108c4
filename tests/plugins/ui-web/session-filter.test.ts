import { describe, expect, test } from 'vitest';
import { choicesOf, filtered, inOrder, NEEDS_YOU } from '../../../plugins/ui-web/page/format/session-filter.ts';
import { attentionOf } from '../../../sdk/wording/attention.ts';
import { ALIVE, FAILING, LOGIN, NOW, PAUSED, session, UNAVAILABLE } from '../ui-cli/fake-kernel.ts';

const SESSIONS = [
  session('acme', ALIVE, { displayName: 'Acme Code', account: 'm…@example.com, Max' }),
  session('gone', UNAVAILABLE, { displayName: 'Gone' }),
  session('web', PAUSED, { displayName: 'Web site' }),
  session('login', LOGIN, { displayName: 'Login', lastSuccessAt: NOW }),
  session('failing', FAILING, { displayName: 'Failing' }),
];
const items = attentionOf({ sessions: SESSIONS, plugins: [], notices: [] }, NOW);
const idsOf = (sessions: readonly { readonly id: string }[]) => sessions.map(({ id }) => id);

test('sessions that need the user come first, the worst first, and the other ones as they are configured', () => {
  expect(idsOf(inOrder(SESSIONS, items))).toEqual(['login', 'gone', 'failing', 'acme', 'web']);
});

test('every status that a session has can be chosen, with its count', () => {
  expect(choicesOf(SESSIONS, items, NOW)).toEqual([
    { name: NEEDS_YOU, count: 3 },
    { name: 'Alive', count: 1 },
    { name: 'Unavailable', count: 1 },
    { name: 'Paused', count: 1 },
    { name: 'Login required', count: 1 },
    { name: 'Failing', count: 1 },
  ]);
});

test('while nothing needs the user, that cannot be chosen', () => {
  expect(choicesOf(SESSIONS.slice(0, 1), [], NOW)).toEqual([{ name: 'Alive', count: 1 }]);
});

describe('a filter', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['an empty one lets all through', '', '', ['acme', 'gone', 'web', 'login', 'failing']],
    ['by name', 'acme co', '', ['acme']],
    ['by id', 'WEB', '', ['web']],
    ['by status', 'required', '', ['login']],
    ['by account', 'max', '', ['acme']],
    ['by all words', 'site paused', '', ['web']],
    ['by a chosen status', '', 'Failing', ['failing']],
    ['by what needs the user', '', NEEDS_YOU, ['gone', 'login', 'failing']],
    ['by both', 'gone', NEEDS_YOU, ['gone']],
    ['that nothing matches', 'acme', 'Failing', []],
  ])('%s', (_what, text, status, ids) => {
    expect(idsOf(filtered(SESSIONS, { text, status }, { items, now: NOW }))).toEqual(ids);
  });
});
