import type { Inspection } from '../sdk/contract/outcome.ts';
import type { Session, SessionRecord } from '../sdk/contract/session.ts';
import { inspectionIn } from './credential.ts';
import type { Found } from './event.ts';

/** Accounts before and after a sign-in, masked. */
export type OtherAccount = { readonly before: string; readonly after: string };

/**
 * How keepalive can help the user to sign in: it runs the sign-in, or says what to do and watches the store. Undefined
 * if it can do neither, as for a token that only the configuration knows.
 */
export function signInFor(seen: Inspection | undefined, runsIt: boolean): Session['signIn'] {
  if (!seen || seen.unusable || (!runsIt && seen.store === undefined)) return undefined;
  if (seen.present) return 'again';
  // Its program has to be installed first, which the hint says.
  return runsIt && seen.owner !== undefined && seen.program === undefined ? undefined : 'first';
}

const isLogin = (seen: Inspection | undefined): seen is Inspection => seen?.present === true && !seen.unusable;

/** The login before a sign-in. If the store cannot be read, the login is known from before. */
export function loginBefore(found: Found, { fingerprint }: Pick<SessionRecord, 'fingerprint'>): Inspection | undefined {
  const seen = inspectionIn(found);
  return seen || fingerprint === undefined ? seen : { present: true, fingerprint };
}

/**
 * Whether a sign-in that we do not run would show: in the store, or in the fingerprint. Without a store, a session that
 * says how it is renewed has no sign-in, as a deadline.
 */
export const isWatchable = (seen: Inspection | undefined): boolean =>
  !seen?.present || seen.store !== undefined || (seen.fingerprint !== undefined && seen.renew === undefined);

/** Whether another login in this store would be noticed. Two logins without a fingerprint look the same. */
export const isRecognizable = (before: Inspection | undefined): boolean =>
  !isLogin(before) || before.fingerprint !== undefined;

/** Whether the store holds another login than before. An owner that gave up its login leaves an empty one. */
export const isNewLogin = (before: Inspection | undefined, after: Inspection | undefined): boolean =>
  isLogin(after) && (!isLogin(before) || (after.fingerprint !== undefined && after.fingerprint !== before.fingerprint));

/** The same after the vendor's program has signed in. If the store shows no difference, the program is believed. */
export const isSignedIn = (before: Inspection | undefined, after: Inspection | undefined): boolean =>
  isRecognizable(before) ? isNewLogin(before, after) : isLogin(after);

const UNKNOWN = 'unknown';

/** The masked name in a label, without the plan: that may change while the account is the same. */
const nameIn = ({ accountLabel }: Inspection): string | undefined => /^[^,]*…[^,]*/.exec(accountLabel ?? '')?.[0];

/** Undefined if the account is the same, or is not known of both. */
export function otherAccount(before: Inspection | undefined, after: Inspection | undefined): OtherAccount | undefined {
  if (before === undefined || after === undefined) return undefined;
  const known = [before.account, after.account];
  const [one, other] = known.includes(undefined) ? [before, after].map(nameIn) : known;
  if (one === undefined || other === undefined || one === other) return undefined;
  return { before: before.accountLabel ?? UNKNOWN, after: after.accountLabel ?? UNKNOWN };
}

/** What the store holds after a sign-in that did not succeed. Undefined if nothing has changed. */
export function changeSince(before: Inspection | undefined, found: Found): string | undefined {
  const after = inspectionIn(found);
  if (after === undefined) return 'The store cannot be read now.';
  if (isNewLogin(before, after)) return 'The store holds another login now.';
  if (isLogin(after) && !isRecognizable(before)) return 'Its store does not show whether the login has changed.';
  return before?.present && !isLogin(after) ? 'The store holds no login now.' : undefined;
}

/** What the store holds if nothing has changed. */
export const sameAs = (before: Inspection | undefined): string =>
  before?.present ? 'The login from before is as it was.' : 'The store holds no login, as before.';

/** Why the attempt after a sign-in does not show that the new login is good. Undefined if it does. */
export function flawIn({ lastAttempt }: Pick<SessionRecord, 'lastAttempt'>): string | undefined {
  if (!lastAttempt) return UNCHECKED;
  const { outcome, code, message } = lastAttempt;
  const reason = message === undefined ? '' : `: ${message}`;
  switch (outcome) {
    case 'refreshed':
    case 'fresh':
      return code === undefined ? undefined : `${UNCHECKED}${reason}`;
    case 'login-required':
    case 'unavailable':
      return `The new login is stored, but it is not good${reason}`;
    case 'offline':
      return `${UNCHECKED}, because the vendor was not reached. It is checked again by itself`;
    case 'rate-limited':
      return WAITS_FOR_VENDOR;
    case 'deferred':
    case 'failed':
      return `${UNCHECKED}${reason}`;
  }
}

const UNCHECKED = 'The new login is stored, but could not be checked yet';
export const WAITS_FOR_VENDOR = `${UNCHECKED}, because the vendor asked to wait. It is checked after that`;
