import { unreachable } from '../sdk/base/unreachable.ts';
import type { SessionRecord, SessionState } from '../sdk/contract/session.ts';
import { applyResult } from './apply-result.ts';
import { applyInspection } from './credential.ts';
import type { Context, SessionEvent } from './event.ts';
import { preview } from './preview.ts';
import { clockMoved, networkChanged, replanned, restarted } from './retime.ts';
import { disabled, failuresOf, isPaused, paused, rearmed, withState } from './states.ts';

/** The record of a session before its first event: as an earlier run left it, or that of a new session. */
export function initialRecord(displayName: string, now: number, remembered?: SessionRecord): SessionRecord {
  if (!remembered) return { displayName, state: { name: 'idle', failures: 0, wakeAt: now, wakeWhy: 'at start' } };
  return remembered.displayName === displayName ? remembered : { ...remembered, displayName };
}

/**
 * The record after an event. Nothing else changes a session's record. Pure; returns the same record if the event means
 * nothing in its state.
 */
export function transition(record: SessionRecord, event: SessionEvent, context: Context): SessionRecord {
  const { state } = record;
  switch (event.type) {
    case 'start':
      return restarted(record, context);
    case 'attempt':
      return attempted(record, context);
    case 'finish':
      return applyResult(record, event, context);
    case 'pause':
      return isPaused(state) && !isDisabled(state) ? record : withState(record, paused(state));
    case 'resume':
      return withState(record, resumed(record, context));
    case 'configure':
      return configured(record, context);
    case 'inspected':
      return applyInspection(record, event, context);
    case 'preview':
      return preview(record, event.found, context);
    case 'login':
      return withLogin(record, event, context);
    case 'network':
      return networkChanged(record, context.now + event.delayMs);
    case 'clock':
      return clockMoved(record, event, context);
    default:
      return unreachable(event);
  }
}

/** An attempt of a paused session, at the user's request, leaves it paused. */
function attempted(record: SessionRecord, { now }: Context): SessionRecord {
  const { state, lastAttemptAt } = record;
  if (state.name === 'refreshing') return record;
  // If the clock was set back since the last attempt, the known expiry is from another time.
  const isSetBack = lastAttemptAt !== undefined && lastAttemptAt > now;
  const tries = state.name === 'waiting' ? state.tries : 0;
  return {
    ...record,
    ...(isSetBack && { expiresAt: undefined, expirySeenAt: undefined }),
    lastAttemptAt: now,
    askedNobody: undefined,
    nextReason: undefined,
    state: isPaused(state) ? state : { name: 'refreshing', since: now, failures: failuresOf(state), tries: tries + 1 },
  };
}

function resumed(record: SessionRecord, context: Context): SessionState {
  const { state } = record;
  const { enabled } = context.policy;
  if (state.name !== 'halted' || (state.disabled && !enabled)) return state;
  const next = rearmed(record, 'resumed', context);
  return enabled ? next : disabled(next);
}

function configured(record: SessionRecord, context: Context): SessionRecord {
  if (!context.policy.enabled) return withState(record, disabled(record.state));
  if (isDisabled(record.state)) return withState(record, rearmed(record, 'enabled', context));
  return replanned(record, context);
}

const isDisabled = (state: SessionState): boolean => state.name === 'halted' && state.disabled === true;

function withLogin(
  before: SessionRecord,
  { login, shared, rearm }: Extract<SessionEvent, { type: 'login' }>,
  context: Context,
): SessionRecord {
  const known = before.shared;
  const isSame =
    known?.session === shared?.session && known?.holder === shared?.holder && known?.spent === shared?.spent;
  if (isSame && before.login === login) return before;
  const record = { ...before, login, shared: isSame ? known : shared };
  const isDeferred = record.state.name === 'waiting' && record.state.why === 'deferred';
  const isFreed = isLeftToOther(before) && !isLeftToOther(record);
  if (!rearm || !isDeferred || !isFreed) return record;
  return { ...record, state: rearmed(record, 'no other session holds its login', context) };
}

/** Whether the session leaves its login to the other one that holds it. */
const isLeftToOther = ({ shared }: SessionRecord): boolean => shared !== undefined && shared.holder === shared.session;
