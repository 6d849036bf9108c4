import type { Policy } from '../sdk/contract/policy.ts';
import { methodOf, type Session, type SessionRecord } from '../sdk/contract/session.ts';

/** Which session a record is of, and the plugin module that keeps it. */
export type Identity = Pick<Session, 'id' | 'provider'>;

/** What clients see of a session beside its record. It is never saved. */
export type Beside = Pick<Session, 'account' | 'signIn' | 'added'>;

const NOTHING: Beside = {};

/** A session as clients see it. */
export function sessionOf(
  { id, provider }: Identity,
  record: SessionRecord,
  policy: Policy,
  { account, signIn, added }: Beside = NOTHING,
): Session {
  const { displayName, state, shared } = record;
  const method = methodOf(record) ?? 'auto';
  const { lastAttempt, lastSuccessAt, lastRenewedAt } = record;
  const { expiresAt, expirySeenAt, loginExpiresAt, renew } = record;
  const next = 'wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {};
  const ends = { expiresAt, expirySeenAt, loginExpiresAt, renew };
  const facts = { lastAttempt, lastSuccessAt, lastRenewedAt, ...next, ...ends, shared };
  const shown = policy.account && account !== undefined && { account };
  const beside = { ...shown, ...(signIn && { signIn }), ...(added && { added }) };
  return Object.freeze({ id, provider, method, policy, displayName, state, ...facts, ...beside });
}

/** The session without its next attempt, for a kernel that attempts nothing by itself. */
export function withoutNext({ nextAttemptAt: _at, nextAttemptWhy: _why, ...session }: Session): Session {
  return session;
}

/** Returns the same object while nothing in it changes: clients read a session more often than it changes. */
export class View {
  #source: readonly [SessionRecord, Beside] | undefined;
  #session: Session | undefined;

  constructor(readonly identity: Identity) {}

  of(record: SessionRecord, policy: Policy, beside: Beside = NOTHING): Session {
    const known = this.#session;
    const isKnown = this.#source?.[0] === record && this.#source[1] === beside;
    if (known && isKnown && known.policy === policy) return known;
    const session = sessionOf(this.identity, record, policy, beside);
    this.#source = [record, beside];
    this.#session = known && isSame(known, session) ? known : session;
    return this.#session;
  }
}

const isSame = (before: Session, after: Session): boolean => {
  const keys = keysOf(after);
  return keys.length === keysOf(before).length && keys.every(key => before[key] === after[key]);
};

const keysOf = (session: Session) => Object.keys(session) as readonly (keyof Session)[];
