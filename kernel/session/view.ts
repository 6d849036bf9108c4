import type { Inspection } from '../../sdk/provider.ts';
import type { Policy } from '../../sdk/policy.ts';
import type { Instant, Session, SessionRecord, SessionState } from '../../sdk/session.ts';

/** A session as clients see it. The same object as long as nothing changed: clients ask far more often than sessions move. */
export class View {
  #record: SessionRecord | undefined;
  #session: Session | undefined;

  constructor(private readonly id: string, private readonly provider: string) {}

  of(record: SessionRecord, policy: Policy, method: string): Session {
    if (this.#session && this.#record === record && this.#session.policy === policy && this.#session.method === method) return this.#session;
    const { displayName, state, lastAttempt, lastSuccessAt, expiresAt, expirySeenAt, loginExpiresAt, shared } = record;
    const next = 'wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {};
    const { id, provider } = this;
    this.#record = record;
    this.#session = Object.freeze({ id, provider, method, policy, displayName, state, lastAttempt, lastSuccessAt, ...next, expiresAt, expirySeenAt, loginExpiresAt, shared });
    return this.#session;
  }
}

/** The session as its credential shows it now, which may be news to its record. */
export function lookedAt(session: Session, seen: Inspection, knownFingerprint: string | undefined, now: Instant): Session {
  const { state, expiresAt, loginExpiresAt, nextAttemptAt: _at, nextAttemptWhy: _why, ...rest } = session;
  if (state.name === 'halted' && state.why === 'paused') return session;
  if (!seen.present) return { ...rest, state: { name: 'halted', why: 'unavailable', hint: seen.hint ?? 'There is no credential.', failures: 0 } };
  const outdated = state.name === 'halted' && (state.why === 'unavailable' || (state.why === 'login-required' && seen.fingerprint !== knownFingerprint));
  const looked: SessionState = outdated ? { name: 'idle', failures: 0, wakeAt: now, wakeWhy: 'the credential changed' } : state;
  return { ...session, state: looked, expiresAt: seen.expiresAt?.getTime() ?? expiresAt, loginExpiresAt: seen.loginExpiresAt?.getTime() ?? loginExpiresAt };
}
