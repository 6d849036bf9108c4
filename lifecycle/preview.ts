import type { Inspection } from '../sdk/contract/outcome.ts';
import type { Instant, SessionRecord, SessionState } from '../sdk/contract/session.ts';
import { absenceHint, CHANGED, inspectionIn } from './credential.ts';
import { endsIn, withRenew } from './ends.ts';
import type { Context, Found } from './event.ts';
import { disabled, failuresOf, halted, isPaused, wakeOf, withState } from './states.ts';
import { floorOf } from './timing.ts';

/** The record with what an inspection found, for a user who asks while no daemon keeps the session. */
export function preview(record: SessionRecord, found: Found, context: Context): SessionRecord {
  const { state } = record;
  const { now } = context;
  if (found === undefined) return record;
  const seen = inspectionIn(found);
  const method = seen?.method ?? record.method;
  const known = { ...withRenew(record, seen), method, ...(seen && endsIn(record, seen, now)) };
  if (!context.policy.enabled) return { ...known, state: disabled(state) };
  if (isPaused(state)) return known;
  if ('unreadable' in found) return withState(record, failing(state, found.unreadable, now));
  return { ...known, state: previewState(known, found, context) };
}

function previewState(record: SessionRecord, seen: Inspection, context: Context): SessionState {
  const { state, expiresAt } = record;
  const { now } = context;
  if (!seen.present) return halted('unavailable', absenceHint(seen), 0);
  if (isOutdated(record, seen)) return { name: 'idle', failures: 0, wakeAt: now, wakeWhy: CHANGED };
  if (state.name !== 'alive') return state;
  if ([expiresAt, record.loginExpiresAt].every(end => end === undefined || end > now)) return state;
  const wakeAt = Math.max(now, floorOf(record, context).at);
  return { name: 'idle', failures: 0, wakeAt, wakeWhy: 'it has expired' };
}

/** Whether the session was halted because of another credential than the current one. */
function isOutdated(record: SessionRecord, { fingerprint, assumed }: Inspection): boolean {
  const { state } = record;
  if (state.name !== 'halted') return false;
  if (state.why === 'login-required') return fingerprint !== record.fingerprint;
  if (assumed) return false;
  return state.why === 'unavailable' && (fingerprint === undefined || fingerprint !== record.fingerprint);
}

/** A credential that cannot be read is retried like any failure. */
function failing(state: SessionState, hint: string, now: Instant): SessionState {
  if (state.name === 'waiting' && state.why === 'backoff') return state;
  const wakeWhy = ('wakeWhy' in state ? state.wakeWhy : undefined) ?? 'it cannot be read';
  const wakeAt = wakeOf(state) ?? now;
  return { name: 'waiting', why: 'backoff', failures: failuresOf(state), tries: 0, wakeAt, wakeWhy, hint };
}
