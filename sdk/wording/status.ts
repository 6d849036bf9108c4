import { unreachable } from '../base/unreachable.ts';
import { endedOf } from '../base/ended.ts';
import type { HaltReason, Instant, Session, SessionState, WaitReason } from '../contract/session.ts';

/** How a session is, as one word: its state, the reason for it, or that it has ended without being renewed. */
export type SessionStatus =
  | Exclude<SessionState['name'], 'waiting' | 'halted'>
  | WaitReason
  | HaltReason
  | 'disabled'
  | 'expired'
  | 'login-ended';

type Facts = Pick<Session, 'state' | 'expiresAt' | 'loginExpiresAt'>;

/** A session that has expired is not alive, even if its last renewal succeeded. */
export function statusOf(session: Facts, now: Instant): SessionStatus {
  const { state } = session;
  const ended = endedOf(session, now);
  switch (state.name) {
    case 'refreshing':
      return state.name;
    case 'idle':
    case 'alive':
      return ended ?? state.name;
    case 'waiting':
      return ended ?? state.why;
    case 'halted':
      return state.disabled ? 'disabled' : state.why;
    default:
      return unreachable(state);
  }
}

/** Each state, and whether it has a reason (`why`), which then is the status. */
export const STATES_WITH_REASON: {
  readonly [Name in SessionState['name']]: Extract<SessionState, { name: Name }> extends { why: string } ? true : false;
} = {
  idle: false,
  refreshing: false,
  alive: false,
  waiting: true,
  halted: true,
};

/** How good or bad a status is. Each frontend has one look per tone. */
export type StatusTone =
  | 'pending'
  | 'busy'
  | 'good'
  /** An attempt is postponed, and nothing is wrong. */
  | 'deferred'
  /** An attempt is postponed by something that should pass. */
  | 'delayed'
  /** The same, as the vendor cannot be reached. */
  | 'offline'
  /** Switched off by the user. */
  | 'off'
  /** It does not work, and is attempted again. */
  | 'trouble'
  /** It does not work, and is not attempted until something changes. */
  | 'stopped'
  /** Only a login helps. */
  | 'login';

export const STATUS_TONES: Readonly<Record<SessionStatus, StatusTone>> = {
  idle: 'pending',
  refreshing: 'busy',
  alive: 'good',
  backoff: 'trouble',
  offline: 'offline',
  'rate-limited': 'delayed',
  deferred: 'deferred',
  paused: 'off',
  disabled: 'off',
  'login-required': 'login',
  unavailable: 'stopped',
  'too-many-failures': 'stopped',
  expired: 'trouble',
  'login-ended': 'trouble',
};

export const STATUS_LABELS: Readonly<Record<SessionStatus, string>> = {
  idle: 'pending',
  refreshing: 'refreshing',
  alive: 'alive',
  backoff: 'failing',
  offline: 'offline',
  'rate-limited': 'rate-limited',
  deferred: 'deferred',
  paused: 'paused',
  disabled: 'disabled',
  'login-required': 'login required',
  unavailable: 'unavailable',
  'too-many-failures': 'gave up',
  expired: 'expired',
  'login-ended': 'login ended',
};

/** The same as a sentence without its full stop, so that the reason can follow. */
export const STATUS_SENTENCES: Readonly<Record<SessionStatus, string>> = {
  idle: 'It is waiting for an attempt',
  refreshing: 'It is being refreshed',
  alive: 'It is alive',
  backoff: 'It is failing',
  offline: 'It is offline',
  'rate-limited': 'It is rate-limited by the vendor',
  deferred: 'It is deferred',
  paused: 'It is paused',
  disabled: 'It is disabled',
  'login-required': 'A login is required',
  unavailable: 'It is unavailable',
  'too-many-failures': 'It gave up after too many failures',
  expired: 'It has expired and was not renewed',
  'login-ended': 'Its login has ended',
};
