import type { Inspection } from '../../sdk/plugin/provider.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import {
  isExpired,
  type Instant,
  type Session,
  type SessionRecord,
  type SessionState,
} from '../../sdk/contract/session.ts';
import { failureOf } from './failure.ts';
import { failuresOf, isPaused, wakeOf } from './states.ts';
import { floorOf } from './timing.ts';

/** A session as clients see it. The same object as long as nothing changed: clients ask far more often than sessions move. */
export class View {
  #record: SessionRecord | undefined;
  #session: Session | undefined;

  constructor(
    private readonly id: string,
    private readonly provider: string,
  ) {}

  of(record: SessionRecord, policy: Policy, method: string): Session {
    if (this.#session && this.#record === record && this.#session.policy === policy && this.#session.method === method)
      return this.#session;
    const { displayName, state, lastAttempt, lastSuccessAt, expiresAt, expirySeenAt, loginExpiresAt, shared } = record;
    const next = 'wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {};
    const { id, provider } = this;
    this.#record = record;
    this.#session = Object.freeze({
      id,
      provider,
      method,
      policy,
      displayName,
      state,
      lastAttempt,
      lastSuccessAt,
      ...next,
      expiresAt,
      expirySeenAt,
      loginExpiresAt,
      shared,
    });
    return this.#session;
  }
}

/** Why a credential cannot be read. */
type Unreadable = { readonly unreadable: string };

/** Turns the error of an inspection into a result. */
export const unreadable =
  (scrub: (text: string) => string) =>
  (error: unknown): Unreadable => ({ unreadable: failureOf(error, scrub).message ?? '' });

/** The session as its credential shows it now, which may be news to its record. */
export function lookedAt(
  session: Session,
  seen: Inspection | Unreadable,
  known: string | undefined,
  now: Instant,
): Session {
  const { state } = session;
  if (isPaused(state)) return session;
  if ('unreadable' in seen) {
    const isFailingAlready = state.name === 'waiting' && state.why === 'backoff';
    return isFailingAlready ? session : inState(session, failing(session, seen.unreadable, now));
  }
  if (!seen.present) {
    const { expiresAt: _expiresAt, loginExpiresAt: _loginExpiresAt, ...rest } = session;
    const hint = seen.hint ?? 'There is no credential.';
    return inState(rest, { name: 'halted', why: 'unavailable', hint, failures: 0 });
  }
  const looked = {
    ...session,
    expiresAt: seen.expiresAt?.getTime() ?? session.expiresAt,
    loginExpiresAt: seen.loginExpiresAt?.getTime() ?? session.loginExpiresAt,
  };
  if (isOutdated(state, seen.fingerprint, known)) {
    return inState(looked, { name: 'idle', failures: 0, wakeAt: now, wakeWhy: 'the credential changed' });
  }
  if (state.name !== 'alive' || !isExpired(looked, now)) return looked;
  const wake = floorOf(session.policy, { lastAttemptAt: session.lastAttempt?.startedAt }, now);
  return inState(looked, { name: 'idle', failures: 0, wakeAt: Math.max(now, wake.at), wakeWhy: 'it has expired' });
}

/** Whether the session was halted over another credential than the current one. */
function isOutdated(state: SessionState, fingerprint: string | undefined, known: string | undefined): boolean {
  if (state.name !== 'halted') return false;
  if (state.why === 'login-required') return fingerprint !== known;
  return state.why === 'unavailable' && (fingerprint === undefined || fingerprint !== known);
}

/** It is read again, as after any failure. */
function failing({ state }: Session, hint: string, now: Instant): SessionState {
  const wakeAt = wakeOf(state) ?? now;
  const wakeWhy = ('wakeWhy' in state ? state.wakeWhy : undefined) ?? 'it cannot be read';
  return { name: 'waiting', why: 'backoff', failures: failuresOf(state), tries: 0, wakeAt, wakeWhy, hint };
}

/** The session as shown by a kernel that attempts nothing by itself. */
export function withoutNext({ nextAttemptAt: _at, nextAttemptWhy: _why, ...session }: Session): Session {
  return session;
}

function inState(session: Session, state: SessionState): Session {
  const next = 'wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {};
  return { ...withoutNext(session), state, ...next };
}
