import { createHash } from 'node:crypto';
import { needsLogin, usedMethod, type Instant, type SessionRecord } from '../sdk/contract/session.ts';
import type { Inspection } from '../sdk/contract/outcome.ts';
import { installFirst } from '../sdk/wording/sign-in-advice.ts';
import { endsIn, withEnds, withRenew } from './ends.ts';
import type { Context, Found, InspectionCause, SessionEvent } from './event.ts';
import { alive, halted, isPaused, isUnavailable, rearmed } from './states.ts';
import { floorOf } from './timing.ts';

export const CHANGED = 'the credential changed';
const GONE = 'the credential is gone';
const NO_CREDENTIAL = 'There is no credential.';

/** What the user does about a missing login. */
export const absenceHint = ({ hint = NO_CREDENTIAL, ...seen }: Inspection): string => installFirst(hint, seen);

/** The record after an inspection. The session moves only if the inspection shows something new. */
export function applyInspection(
  before: SessionRecord,
  { cause, found }: Extract<SessionEvent, { type: 'inspected' }>,
  context: Context,
): SessionRecord {
  const { state } = before;
  const seen = inspectionIn(found);
  const record = withMethod(withRenew(before, seen), seen);
  // An attempt makes its own inspection.
  if (state.name === 'refreshing') return record;
  if (isNews(record, cause, found, context.now)) return credentialChanged(record, seen, context);
  // A success has established the ends of a live session. The store's own may be less precise.
  if (!seen || state.name === 'alive' || isOwnRenewal(record, cause, seen)) return record;
  return shown(withEndsOf(record, seen, context), seen, { before: record, context });
}

/** Until an attempt has used a method, the session has the one that the last inspection chose. */
function withMethod(record: SessionRecord, seen: Inspection | undefined): SessionRecord {
  const method = seen?.method;
  if (method === undefined || method === record.method || usedMethod(record) !== undefined) return record;
  return { ...record, method };
}

function isNews(record: SessionRecord, cause: InspectionCause, found: Found, now: Instant): boolean {
  const { state, lastAttemptAt = 0 } = record;
  const seen = inspectionIn(found);
  switch (cause) {
    case 'start':
      return seen ? isNewsAtStart(record, seen) : found !== undefined && state.name === 'alive';
    case 'store':
      // An assumption shows no change of the credential, but a sign-in looks like this.
      if (seen?.assumed) return isUnavailable(state) || needsLogin(record);
      if (isUnavailable(state) && seen && record.sight) return seen.present && hashOf(seen) !== record.sight;
      return !(seen && isOwnRenewal(record, cause, seen)) && !(state.name === 'halted' && seen?.present === false);
    case 'unavailable':
      if (!isUnavailable(state)) return false;
      if (seen && hashOf(seen) !== record.sight) return true;
      return (seen ? seen.assumed === true : found === undefined) && now - lastAttemptAt >= WITHOUT_SIGHT_MS;
    case 'resumed':
      return false;
  }
}

const isOwnRenewal = ({ fingerprint }: SessionRecord, cause: InspectionCause, seen: Inspection): boolean =>
  cause === 'store' && fingerprint !== undefined && seen.fingerprint === fingerprint;

/** The credential may have changed while no daemon ran. The store takes precedence over the record. */
function isNewsAtStart({ state, fingerprint, ...known }: SessionRecord, seen: Inspection): boolean {
  if (!seen.present && (state.name === 'halted' || state.name === 'idle')) return false;
  if (fingerprint !== undefined && seen.fingerprint !== fingerprint) return true;
  const isMoved = (end: Date | undefined, before: Instant | undefined) => end !== undefined && end.getTime() !== before;
  const { expiresAt, loginExpiresAt } = seen;
  return (
    state.name === 'alive' && (isMoved(expiresAt, known.expiresAt) || isMoved(loginExpiresAt, known.loginExpiresAt))
  );
}

function credentialChanged(before: SessionRecord, seen: Inspection | undefined, context: Context): SessionRecord {
  const { state } = before;
  const ended = seen ? withEndsOf(before, seen, context) : before;
  const isSame = seen?.fingerprint === undefined || seen.fingerprint === before.fingerprint;
  const record = isSame ? ended : { ...ended, fingerprint: seen.fingerprint };
  if (isPaused(state)) return record;
  if (state.name === 'alive' && seen?.expiresAt)
    return ended === before ? record : { ...record, state: alive(record, context) };
  const why = seen?.present === false ? GONE : CHANGED;
  const next = { ...record, state: rearmed(record, why, context), nextReason: 'changed' } as const;
  return seen ? shown(next, seen, { before, context }) : next;
}

const withEndsOf = (record: SessionRecord, seen: Inspection, { now }: Context): SessionRecord =>
  withEnds(record, endsIn(record, seen, now), { fingerprint: seen.fingerprint, now });

/** If the next attempt has to wait, the session is shown as its credential is: alive, or unavailable. */
function shown(
  record: SessionRecord,
  seen: Inspection,
  { before, context }: { readonly before: SessionRecord; readonly context: Context },
): SessionRecord {
  const { state, expiresAt, loginExpiresAt } = record;
  if (state.name !== 'idle' || floorOf(record, context).at <= context.now) return record;
  const { wakeAt, wakeWhy } = state;
  if (!seen.present) {
    const unavailable = halted('unavailable', absenceHint(seen), 0);
    return { ...record, sight: hashOf(seen), state: { ...unavailable, wakeAt, wakeWhy } };
  }
  if (!isGood(before, seen, context.now)) return record;
  return { ...record, state: { name: 'alive', wakeAt, wakeWhy, expiresAt, loginExpiresAt } };
}

/** Whether it was good when it was last attempted. If it has changed since, its own expiry tells. */
function isGood(before: SessionRecord, seen: Inspection, now: Instant): boolean {
  const { state, lastAttempt } = before;
  if (state.name === 'alive') return true;
  if (seen.fingerprint !== before.fingerprint) return seen.expiresAt !== undefined && seen.expiresAt.getTime() > now;
  const isSuccess = lastAttempt?.outcome === 'refreshed' || lastAttempt?.outcome === 'fresh';
  return isSuccess && lastAttempt.code === undefined;
}

/** The inspection, if there was one and the credential could be read. */
export const inspectionIn = (found: Found): Inspection | undefined =>
  found === undefined || 'unreadable' in found ? undefined : found;

/** If no inspection can tell, an unavailable session is attempted once a day. */
const WITHOUT_SIGHT_MS = 86_400_000;

/** A hash of everything that may make an unavailable session available again. */
export function hashOf({ present, store, program, method, hint, fingerprint }: Inspection): string {
  const text = JSON.stringify([present, store, program, method, hint, fingerprint]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Whether the store still holds the credential that needed a login. Another attempt would have the same result. */
export const isKnownToNeedLogin = ({ fingerprint }: SessionRecord, found: Found): boolean =>
  fingerprint !== undefined && inspectionIn(found)?.fingerprint === fingerprint;
