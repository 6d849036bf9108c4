import { describe, expect, test } from 'vitest';
import { deadlineOf, sharingOf, troubleOf } from '../../../lifecycle/notice-rules.ts';
import { signInFor } from '../../../lifecycle/sign-in.ts';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';
import { attentionOn } from '../../../sdk/wording/attention.ts';
import { deadlinesOf } from '../../../sdk/wording/deadlines.ts';
import { explain } from '../../../sdk/wording/explain.ts';
import { adviceIn, offersSignIn } from '../../../sdk/wording/sign-in-advice.ts';
import { ALIVE, DAY, NOW, PAUSED, session } from '../../plugins/ui-cli/fake-kernel.ts';

const halted = (why: 'login-required' | 'unavailable' | 'too-many-failures', hint = 'Run `codex login`.') =>
  ({ name: 'halted', why, hint, failures: 0 }) as const satisfies SessionState;
const NEEDED = halted('login-required');
const ABSENT = halted('unavailable');
const OURS = 'Run `keepalive login codex`.';

describe('how keepalive can help to sign in', () => {
  test.each([
    ['a login in a store', { present: true, store: '/a' }, false, 'again'],
    ['a store without a login', { present: false, store: '/a' }, false, 'first'],
    ['a login of a program that we run, wherever it is', { present: true }, true, 'again'],
    ['an end that only the configuration knows', { present: true }, false, undefined],
    ['a credential that is no login', { present: false, store: '/a', unusable: true }, true, undefined],
    ['a store of a program that is not installed', { present: false, store: '/a', owner: 'acme' }, true, undefined],
    ['one that is', { present: false, store: '/a', owner: 'acme', program: '/bin/acme' }, true, 'first'],
    ['nothing that was seen', undefined, true, undefined],
  ])('to %s', (_what, seen, runsIt, expected) => {
    expect(signInFor(seen, runsIt)).toBe(expected);
  });
});

describe('the advice on a session', () => {
  test.each<[string, SessionState, Session['signIn'], string | undefined]>([
    ['that needs a login is our command', NEEDED, 'again', OURS],
    ['that has no login yet is our command', ABSENT, 'first', OURS],
    ['that has a login, and is unavailable for another reason, is its hint', ABSENT, 'again', 'Run `codex login`.'],
    ['whose login keepalive cannot renew is its hint', NEEDED, undefined, 'Run `codex login`.'],
    ['that gave up is its hint', halted('too-many-failures', 'odd'), 'again', 'odd'],
    ['that is alive is nothing', ALIVE, 'again', undefined],
  ])('%s', (_title, state, signIn, expected) => {
    expect(adviceIn(session('codex', state, { signIn }))).toBe(expected);
  });

  test.each<[SessionState, Session['signIn'], 'login-ends-soon' | 'failing', boolean]>([
    [NEEDED, 'again', 'failing', true],
    [ALIVE, 'again', 'login-ends-soon', true],
    [ALIVE, undefined, 'login-ends-soon', false],
    [ALIVE, 'again', 'failing', false],
    [PAUSED, 'again', 'failing', false],
  ])('of state %j with signIn %j and the notice %s offers a sign-in: %j', (state, signIn, code, expected) => {
    expect(offersSignIn(session('codex', state, { signIn }), [{ session: 'codex', code }])).toBe(expected);
    expect(offersSignIn(session('other', ALIVE, { signIn }), [{ session: 'codex', code }])).toBe(false);
  });
});

describe('our command is', () => {
  const needed = session('codex', NEEDED, { signIn: 'again' });
  const ending = session('codex', ALIVE, { signIn: 'again', loginExpiresAt: NOW + DAY, renew: 'Run `codex login`.' });

  test('in the notice of a needed login, and of a tool from which the user has signed out', () => {
    expect(troubleOf(needed)).toMatchObject({ code: 'login-required', action: OURS });
    const signedOut = session('codex', ABSENT, { signIn: 'first', lastSuccessAt: NOW });
    expect(troubleOf(signedOut)).toMatchObject({ code: 'failing', action: OURS });
  });

  test('in the warning about the end of a login, and in the list of ends', () => {
    const renewal = 'Run `keepalive login codex` before then.';
    expect(deadlineOf(ending, NOW, () => false)).toMatchObject({ code: 'login-ends-soon', action: renewal });
    expect(deadlinesOf([ending])).toMatchObject([{ renew: renewal }]);
  });

  test('in the warning about one login in two stores, with the session that waits', () => {
    const shared = session('codex', ALIVE, { shared: { session: 'work', holder: 'codex' } });
    expect(sharingOf(shared)?.action).toContain('Sign in separately for "work" with `keepalive login work`');
  });

  test('in what needs the user, before a notice is raised', () => {
    expect(attentionOn(needed, [], NOW)?.action).toBe(OURS);
  });

  test('in the explanation, which still says what the last attempt found', () => {
    const message = 'Refused: invalid_grant. Run `codex login`.';
    const lastAttempt = {
      id: 'codex',
      startedAt: NOW,
      endedAt: NOW,
      reason: 'schedule',
      method: 'touch',
      outcome: 'login-required',
      failures: 0,
      message,
    } as const;
    const { text } = explain({ ...needed, state: halted('login-required', message), lastAttempt }, { now: NOW });
    expect(text).toContain(`A login is required. ${OURS}`);
    expect(text).toContain('with this result: login required: Refused: invalid_grant. Run `codex login`.');
  });
});

test('a hint that has to stay in a notice loses its links', () => {
  const hint = 'Open https://vendor.example/login?code=CANARY.';
  expect(troubleOf(session('codex', halted('login-required', hint)))).toMatchObject({ action: 'Open [link]' });
});
