import type { Instant } from '../sdk/contract/session.ts';
import { signInCommand } from '../sdk/wording/sign-in-advice.ts';
import { signInSeparately } from '../sdk/wording/shared-login.ts';
import type { AttemptResult } from './event.ts';
import type { OtherHolder } from './logins.ts';

// Results of attempts that call no provider, because another session holds the same login.

/** A fallback: a new credential, or the end of the sharing, ends the wait sooner. */
const RETRY_SHARED_MS = 3_600_000;

export function deferredTo({ holder, spent }: OtherHolder, id: string, now: Instant): AttemptResult {
  const cause = spent
    ? `This session held the same login as "${holder}", where the refresh token has changed since. ` +
      'The one here may be spent, so it is not used.'
    : `The session "${holder}" keeps the same login alive.`;
  const message = `${cause} ${signInSeparately(id, holder, spent)}`;
  return { outcome: 'deferred', retryAt: now + RETRY_SHARED_MS, message, askedNobody: true };
}

/** An older copy is back in the store, as from a backup. */
export function deferredToFormer(id: string, now: Instant): AttemptResult {
  const message =
    'The store holds an older login, which this session has renewed before. It may be spent, so it is not used. ' +
    `Sign in again with \`${signInCommand(id)}\`, or put the newer login back.`;
  return { outcome: 'deferred', retryAt: now + RETRY_SHARED_MS, message, askedNobody: true };
}

const RETRY_UNREAD_MS = 120_000;

/** An unreadable store may be in the middle of a write, so its login may be changing at this moment. */
export function deferredToUnread(copy: string, now: Instant): AttemptResult {
  const message =
    `The session "${copy}" holds the same login, and its store cannot be read. ` +
    'The login may have been renewed there, so it is not renewed here until that store can be read.';
  return { outcome: 'deferred', retryAt: now + RETRY_UNREAD_MS, message, askedNobody: true };
}

const RETRY_UNREACHED_MS = 60_000;

/** Without the database of the fleet, no machine knows which of those that share a login renews it. */
export function deferredToFleet(other: string, reason: string, now: Instant): AttemptResult {
  const message =
    `The session "${other}" holds the same login, and the fleet cannot be asked who renews it: ${reason}. ` +
    'It is not renewed here until the fleet is reached again.';
  return { outcome: 'deferred', retryAt: now + RETRY_UNREACHED_MS, message, askedNobody: true };
}

const RETRY_SAME_STORE_MS = 30_000;

/** Another machine renews what is in this very store, and the credential is not renewed yet. */
export function deferredToMachine(other: string, now: Instant): AttemptResult {
  const message = `The session "${other}" renews what is in this store, which both machines see.`;
  return { outcome: 'deferred', retryAt: now + RETRY_SAME_STORE_MS, message, askedNobody: true };
}
