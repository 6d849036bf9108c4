import type { Inspection } from '../../sdk/plugin/provider.ts';
import type { HeldLogin } from '../../sdk/contract/session.ts';

/** A vendor may count the rest of a login in seconds, from its own clock. */
const TOLERANCE_MS = 60_000;

/** The login as a look shows it; `before` where it shows nothing else. */
export function seenLogin(seen: Inspection, before: HeldLogin): HeldLogin {
  const { store, refreshFingerprint: refresh } = seen;
  const observes = seen.method === 'observe' ? true : undefined;
  const isSame = refresh === before.refresh;
  const known = isSame ? before : undefined;
  const account = seen.account ?? known?.account;
  const endsAt = (seen.loginEndIsFixed ? seen.loginExpiresAt?.getTime() : undefined) ?? known?.endsAt;
  const isKnown = isSame && store === before.store && observes === before.observes;
  if (isKnown && account === before.account && endsAt === before.endsAt) return before;
  return { store, refresh, observes, account, endsAt, spent: before.spent, spentBy: known?.spentBy };
}

/** Whether a person has certainly signed in between the two. What is missing on either side says nothing. */
export function isAnotherSignIn(
  before: Pick<HeldLogin, 'account' | 'endsAt'>,
  after: Pick<HeldLogin, 'account' | 'endsAt'>,
): boolean {
  if (before.account !== undefined && after.account !== undefined && before.account !== after.account) return true;
  return (
    before.endsAt !== undefined && after.endsAt !== undefined && Math.abs(before.endsAt - after.endsAt) > TOLERANCE_MS
  );
}
