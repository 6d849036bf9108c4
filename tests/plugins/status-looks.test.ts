import { describe, expect, test } from 'vitest';
import { summarize } from '../../plugins/ui-cli/prompt/summary.ts';
import { appearanceOf, statusCell } from '../../plugins/ui-cli/render/status.ts';
import { iconOf, toneOf } from '../../plugins/ui-vscode/icons.ts';
import { statusLabel } from '../../plugins/ui-web/page/format/labels.ts';
import type { Session, SessionState } from '../../sdk/contract/session.ts';
import { STATUS_LABELS, statusOf, type SessionStatus } from '../../sdk/wording/status.ts';
import {
  ALIVE,
  FAILING,
  GAVE_UP,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  UNAVAILABLE,
} from './ui-cli/fake-kernel.ts';

type Facts = readonly [SessionState, Partial<Session>?];
const wake = { wakeAt: NOW + MINUTE, wakeWhy: '' };
const waiting = { name: 'waiting', hint: '', failures: 0, tries: 1, ...wake } as const;
const SESSIONS: Readonly<Record<SessionStatus, Facts>> = {
  idle: [{ name: 'idle', failures: 0, ...wake }],
  refreshing: [{ name: 'refreshing', since: NOW, failures: 0, tries: 1 }],
  alive: [ALIVE],
  backoff: [FAILING],
  offline: [OFFLINE],
  'rate-limited': [{ ...waiting, why: 'rate-limited' }],
  deferred: [{ ...waiting, why: 'deferred' }],
  paused: [PAUSED],
  disabled: [{ name: 'halted', why: 'paused', hint: '', failures: 0, disabled: true }],
  'login-required': [LOGIN],
  unavailable: [UNAVAILABLE],
  'too-many-failures': [GAVE_UP],
  expired: [ALIVE, { expiresAt: NOW }],
  'login-ended': [ALIVE, { loginExpiresAt: NOW }],
};

describe('the look of a status in the terminal, the prompt, the page and the editor', () => {
  test.each<[SessionStatus, readonly [string, string?], readonly [string, string], readonly [string, string, string]]>([
    ['idle', ['○'], ['●', 'ok'], ['quiet', 'circle', 'circle-large-outline']],
    ['refreshing', ['↻', 'cyan'], ['●', 'ok'], ['busy', 'turning', 'sync~spin']],
    ['alive', ['●', 'green'], ['●', 'ok'], ['good', 'check', 'pass']],
    ['backoff', ['▲', 'yellow'], ['▲', 'failing'], ['warn', 'triangle', 'warning']],
    ['offline', ['◌', 'yellow'], ['◌', 'waiting'], ['quiet', 'cloud', 'cloud']],
    ['rate-limited', ['◌', 'yellow'], ['◌', 'waiting'], ['quiet', 'circle', 'clock']],
    ['deferred', ['◌', 'cyan'], ['◌', 'waiting'], ['quiet', 'circle', 'clock']],
    ['paused', ['‖', 'dim'], ['‖', 'paused'], ['quiet', 'pause', 'debug-pause']],
    ['disabled', ['‖', 'dim'], ['‖', 'paused'], ['quiet', 'pause', 'debug-pause']],
    ['login-required', ['✗', 'red'], ['✗', 'login'], ['bad', 'cross', 'key']],
    ['unavailable', ['✗', 'red'], ['▲', 'failing'], ['bad', 'cross', 'error']],
    ['too-many-failures', ['✗', 'red'], ['▲', 'failing'], ['bad', 'cross', 'error']],
    ['expired', ['▲', 'yellow'], ['▲', 'failing'], ['warn', 'triangle', 'warning']],
    ['login-ended', ['▲', 'yellow'], ['▲', 'failing'], ['warn', 'triangle', 'warning']],
  ])('is for "%s": %j, %j, %j', (status, [symbol, style], [promptSymbol, promptClass], [tone, sign, icon]) => {
    const [state, facts] = SESSIONS[status];
    const one = session('acme', state, facts);
    expect(statusOf(one, NOW)).toBe(status);
    expect(appearanceOf(one, NOW)).toEqual({ symbol, style });
    expect(statusCell(one, NOW)).toEqual({ text: `${symbol} ${STATUS_LABELS[status]}`, style });
    const line = summarize({ states: { sessions: { acme: one } }, daemon: 'running', now: NOW }, '{symbol}');
    expect(line).toEqual({
      text: promptSymbol,
      tooltip: `acme: ${STATUS_LABELS[status]}`,
      class: promptClass,
      alt: promptClass,
    });
    expect(statusLabel(statusOf(one, NOW))).toMatchObject({ tone, sign });
    expect(iconOf(toneOf(one, NOW))).toBe(`$(${icon})`);
  });
});
