import type { Instant } from '../sdk/contract/session.ts';
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

const RETRY_UNREAD_MS = 120_000;

/** An unreadable store may be in the middle of a write, so its login may be changing at this moment. */
export function deferredToUnread(copy: string, now: Instant): AttemptResult {
  const message =
    `The session "${copy}" holds the same login, and its store cannot be read. ` +
    'The login may have been renewed there, so it is not renewed here until that store can be read.';
  return { outcome: 'deferred', retryAt: now + RETRY_UNREAD_MS, message, askedNobody: true };
}
