import { transition } from '../../lifecycle/transition.ts';
import type { AttemptResult, SessionEvent } from '../../lifecycle/event.ts';
import { DEFAULT_POLICY, type PartialPolicy, type Policy } from '../../sdk/contract/policy.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { Attempt, SessionRecord, SessionState } from '../../sdk/contract/session.ts';

export const M = 60_000;
export const H = 60 * M;
export const NOW = Date.UTC(2026, 0, 5, 12);
export const POLICY: Policy = { ...DEFAULT_POLICY, jitter: 0, schedule: { mode: 'interval', every: '30m' } };
export const waits = { wakeAt: NOW + 7 * M, wakeWhy: 'later' };

/** A record in each state, last attempted a minute ago. */
export const STATES = {
  idle: { name: 'idle', failures: 0, ...waits },
  refreshing: { name: 'refreshing', since: NOW - M, failures: 2, tries: 2 },
  alive: { name: 'alive', ...waits },
  backoff: { name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'odd', ...waits },
  offline: { name: 'waiting', why: 'offline', failures: 2, tries: 7, hint: 'away', ...waits },
  'rate-limited': { name: 'waiting', why: 'rate-limited', failures: 2, tries: 1, hint: 'wait', ...waits },
  deferred: { name: 'waiting', why: 'deferred', failures: 2, tries: 0, hint: 'busy', ...waits },
  paused: { name: 'halted', why: 'paused', hint: 'Resume it.', failures: 2 },
  disabled: { name: 'halted', why: 'paused', hint: 'Off.', failures: 2, disabled: true },
  'login-required': { name: 'halted', why: 'login-required', hint: 'Log in.', failures: 2 },
  unavailable: { name: 'halted', why: 'unavailable', hint: 'Install it.', failures: 2 },
  'too-many-failures': { name: 'halted', why: 'too-many-failures', hint: 'odd', failures: 5, ...waits },
} as const satisfies Record<string, SessionState>;
export type StateName = keyof typeof STATES;
export const NAMES = Object.keys(STATES) as readonly StateName[];

export const recordOf = (name: StateName, facts: Partial<SessionRecord> = {}): SessionRecord => ({
  displayName: 'Acme',
  lastAttemptAt: NOW - M,
  state: STATES[name],
  ...facts,
});
/** The last attempt of a session that was good then. */
export const SUCCESS = {
  id: 'acme',
  startedAt: NOW - M,
  endedAt: NOW - M,
  reason: 'schedule',
  method: 'touch',
  outcome: 'fresh',
  failures: 0,
} as const satisfies Attempt;
export const move = (record: SessionRecord, event: SessionEvent, changes: PartialPolicy = {}, random = 0) =>
  transition(record, event, { policy: Object.assign({ ...POLICY }, changes), now: NOW, random });
export const finish = (result: AttemptResult): SessionEvent => ({
  type: 'finish',
  id: 'acme',
  reason: 'schedule',
  result,
});
/** The store changed, and an inspection finds this. */
export const changed = (seen?: Partial<Inspection>): SessionEvent => ({
  type: 'inspected',
  cause: 'store',
  found: seen && { present: true, ...seen },
});
