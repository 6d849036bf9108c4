import type { Inspection } from '../sdk/contract/outcome.ts';
import type { HeldLogin } from '../sdk/contract/session.ts';

/** Vendors may send the remaining seconds of a login by their own clock, so its end varies. */
const TOLERANCE_MS = 60_000;

/** The login as an inspection shows it; `before` if that shows nothing new. */
export function seenLogin(seen: Inspection, before: HeldLogin): HeldLogin {
  const { store, refreshFingerprint: refresh } = seen;
  const observes = seen.method === 'observe' ? true : undefined;
  const isSameToken = refresh === before.refresh;
  const known = isSameToken ? before : undefined;
  const account = seen.account ?? known?.account;
  const endsAt = (seen.loginEndIsFixed ? seen.loginExpiresAt?.getTime() : undefined) ?? known?.endsAt;
  const isKnown = isSameToken && store === before.store && observes === before.observes;
  if (isKnown && account === before.account && endsAt === before.endsAt) return before;
  const storeWith = store === before.store ? before.storeWith : undefined;
  return { store, refresh, observes, storeWith, account, endsAt, spent: before.spent, spentBy: known?.spentBy };
}

type SignIn = Pick<HeldLogin, 'account' | 'endsAt'>;

/** Whether the user has certainly signed in between the two. A member that either lacks proves nothing. */
export function isAnotherSignIn(before: SignIn, after: SignIn): boolean {
  if (before.account !== undefined && after.account !== undefined && before.account !== after.account) return true;
  return (
    before.endsAt !== undefined && after.endsAt !== undefined && Math.abs(before.endsAt - after.endsAt) > TOLERANCE_MS
  );
}
