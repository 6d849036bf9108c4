import { createHash } from 'node:crypto';
import { isExpired, type Instant, type SessionRecord, type SessionState } from '../sdk/contract/session.ts';
import type { Inspection } from '../sdk/contract/outcome.ts';
import type { Context, Found, InspectionCause, SessionEvent } from './event.ts';
import {
  alive,
  failuresOf,
  halted,
  isPaused,
  isUnavailable,
  rearmed,
  usedMethod,
  wakeOf,
  withState,
} from './states.ts';
import { floorOf } from './timing.ts';

const CHANGED = 'the credential changed';

/** The record after an inspection. The session moves only if the inspection shows something new. */
export function applyInspection(
  before: SessionRecord,
  { cause, found }: Extract<SessionEvent, { type: 'inspected' }>,
  context: Context,
): SessionRecord {
  const seen = inspectionIn(found);
  const record = withMethod(before, seen);
  return isNews(record, cause, found, context.now) ? credentialChanged(record, seen, context) : record;
}

/** Until an attempt has used a method, the session has the one that the last inspection chose. */
function withMethod(record: SessionRecord, seen: Inspection | undefined): SessionRecord {
  const method = seen?.method;
  if (method === undefined || method === record.method || usedMethod(record) !== undefined) return record;
  return { ...record, method };
}

function isNews(record: SessionRecord, cause: InspectionCause, found: Found, now: Instant): boolean {
  const { state, fingerprint, lastAttemptAt = 0 } = record;
  const seen = inspectionIn(found);
  switch (cause) {
    case 'start':
      return seen ? isNewsAtStart(record, seen) : found !== undefined && state.name === 'alive';
    case 'store':
      // The change may be from our own renewal.
      if (fingerprint !== undefined && seen?.fingerprint === fingerprint) return false;
      return !(state.name === 'halted' && seen?.present === false);
    case 'unavailable':
      if (!isUnavailable(state)) return false;
      return seen ? hashOf(seen) !== record.sight : found === undefined && now - lastAttemptAt >= WITHOUT_INSPECT_MS;
  }
}

/** The credential may have changed while no daemon ran. The store takes precedence over the record. */
function isNewsAtStart({ state, fingerprint, expiresAt }: SessionRecord, seen: Inspection): boolean {
  if (state.name === 'refreshing') return false;
  if (!seen.present && (state.name === 'halted' || state.name === 'idle')) return false;
  if (fingerprint !== undefined && seen.fingerprint !== fingerprint) return true;
  return state.name === 'alive' && seen.expiresAt !== undefined && seen.expiresAt.getTime() !== expiresAt;
}

function credentialChanged(before: SessionRecord, seen: Inspection | undefined, context: Context): SessionRecord {
  const { state } = before;
  if (state.name === 'refreshing' || isPaused(state)) return before;
  const [expiresAt, loginExpiresAt] = [seen?.expiresAt?.getTime(), seen?.loginExpiresAt?.getTime()];
  if (expiresAt === undefined) return rearmedByChange(before, context);
  const isSame = expiresAt === before.expiresAt && loginExpiresAt === before.loginExpiresAt;
  const record = isSame ? before : { ...before, expiresAt, loginExpiresAt, expirySeenAt: context.now };
  if (state.name !== 'alive') return rearmedByChange(record, context);
  return isSame ? before : { ...record, fingerprint: seen?.fingerprint, state: alive(record, context) };
}

const rearmedByChange = (record: SessionRecord, context: Context): SessionRecord => ({
  ...record,
  state: rearmed(record, CHANGED, context),
  nextReason: 'changed',
});

/** The record with what an inspection found, for a user who asks while no daemon keeps the session. */
export function preview(record: SessionRecord, found: Found, context: Context): SessionRecord {
  const { state } = record;
  if (found === undefined) return record;
  const method = inspectionIn(found)?.method ?? record.method;
  if (isPaused(state)) return { ...record, method };
  if ('unreadable' in found) return withState(record, failing(state, found.unreadable, context.now));
  if (!found.present) {
    const unavailable = halted('unavailable', found.hint ?? 'There is no credential.', 0);
    return { ...record, method, expiresAt: undefined, loginExpiresAt: undefined, state: unavailable };
  }
  const expiresAt = found.expiresAt?.getTime() ?? record.expiresAt;
  const loginExpiresAt = found.loginExpiresAt?.getTime() ?? record.loginExpiresAt;
  const seen = { ...record, method, expiresAt, loginExpiresAt };
  return { ...seen, state: previewState(seen, found, context) };
}

function previewState(record: SessionRecord, { fingerprint }: Inspection, context: Context): SessionState {
  const { state } = record;
  const { now } = context;
  if (isOutdated(record, fingerprint)) return { name: 'idle', failures: 0, wakeAt: now, wakeWhy: CHANGED };
  if (state.name !== 'alive' || !isExpired(record, now)) return state;
  const wakeAt = Math.max(now, floorOf(record, context).at);
  return { name: 'idle', failures: 0, wakeAt, wakeWhy: 'it has expired' };
}

/** Whether the session was halted because of another credential than the current one. */
function isOutdated(record: SessionRecord, fingerprint: string | undefined): boolean {
  const { state } = record;
  if (state.name !== 'halted') return false;
  if (state.why === 'login-required') return fingerprint !== record.fingerprint;
  return state.why === 'unavailable' && (fingerprint === undefined || fingerprint !== record.fingerprint);
}

/** A credential that cannot be read is retried like any failure. */
function failing(state: SessionState, hint: string, now: Instant): SessionState {
  if (state.name === 'waiting' && state.why === 'backoff') return state;
  const wakeWhy = ('wakeWhy' in state ? state.wakeWhy : undefined) ?? 'it cannot be read';
  const wakeAt = wakeOf(state) ?? now;
  return { name: 'waiting', why: 'backoff', failures: failuresOf(state), tries: 0, wakeAt, wakeWhy, hint };
}

/** The inspection, if there was one and the credential could be read. */
export const inspectionIn = (found: Found): Inspection | undefined =>
  found === undefined || 'unreadable' in found ? undefined : found;

/** Without `inspect`, an unavailable session is attempted once a day. */
const WITHOUT_INSPECT_MS = 86_400_000;

/** A hash of everything that may make an unavailable session available again. */
export function hashOf({ present, store, program, method, hint, fingerprint }: Inspection): string {
  const text = JSON.stringify([present, store, program, method, hint, fingerprint]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Whether the store still holds the credential that needed a login. Another attempt would have the same result. */
export const isKnownToNeedLogin = ({ fingerprint }: SessionRecord, found: Found): boolean =>
  fingerprint !== undefined && inspectionIn(found)?.fingerprint === fingerprint;
