/** An owner may renew its credential just after the expiry, and an attempt at that time takes a moment. */
const RENEWAL_GRACE_MS = 2 * 60_000;

type Ends = {
  readonly state: { readonly name: string; readonly why?: string; readonly wakeAt?: number | undefined };
  readonly expiresAt?: number | undefined;
  readonly loginExpiresAt?: number | undefined;
};

/** A moment after `now` until which `endedOf` answers the same. */
export function sameUntil({ expiresAt = Infinity, loginExpiresAt = Infinity }: Ends, now: number): number {
  return Math.min(...[loginExpiresAt, expiresAt, expiresAt + RENEWAL_GRACE_MS].filter(at => at > now));
}

/**
 * What has ended: the login, or the credential without being renewed. A credential has a grace of two minutes while a
 * live session is about to be attempted. The end of a login has none, as no renewal moves it.
 */
export function endedOf(
  { state, expiresAt, loginExpiresAt }: Ends,
  now: number,
): 'login-ended' | 'expired' | undefined {
  if (loginExpiresAt !== undefined && loginExpiresAt <= now) return 'login-ended';
  if (expiresAt === undefined || expiresAt > now) return undefined;
  const until = expiresAt + RENEWAL_GRACE_MS;
  const isRenewing = state.name === 'alive' || state.why === 'deferred';
  return isRenewing && (state.wakeAt ?? Infinity) <= until && now < until ? undefined : 'expired';
}
