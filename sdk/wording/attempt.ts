import type { Attempt, AttemptOutcome } from '../contract/session.ts';

/** An attempt checks a session, and renews it if that is due. Each outcome is one of these. */
export const OUTCOME_LABELS: Readonly<Record<AttemptOutcome, string>> = {
  refreshed: 'renewed',
  fresh: 'checked, not due',
  deferred: 'deferred',
  'rate-limited': 'rate-limited',
  offline: 'offline',
  failed: 'failed',
  'login-required': 'login required',
  unavailable: 'unavailable',
};

/** The outcome; for a renewal also by which method: `renewed (touch)`. */
export const describeOutcome = ({ outcome, method }: Pick<Attempt, 'outcome' | 'method'>): string =>
  outcome === 'refreshed' && method ? `${OUTCOME_LABELS[outcome]} (${method})` : OUTCOME_LABELS[outcome];

/** Why an attempt was made. */
export const REASON_LABELS: Readonly<Record<Attempt['reason'], string>> = {
  schedule: 'scheduled',
  manual: 'requested',
  wake: 'after sleep',
  changed: 'credential changed',
};
