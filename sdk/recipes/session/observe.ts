import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { SessionOptions, StoredLogin } from './session.ts';

export const timesOf = ({ expiresAt, loginExpiresAt }: StoredLogin) => ({ expiresAt, loginExpiresAt });

const LOOK_AGAIN_MS = 3_600_000;

/**
 * Only watches. An expired access token doesn't mean that the login is over. `reason`: why a login that would be
 * renewed is not; it is shown if the login has expired, or may have.
 */
export function observe<Login extends StoredLogin>(
  { owner, expired }: SessionOptions<Login>,
  login: Login,
  now: number,
  reason?: string,
): RefreshOutcome {
  const method = 'observe';
  const isGood = login.expiresAt ? login.expiresAt.getTime() > now : reason === undefined;
  if (isGood) return { status: 'fresh', ...timesOf(login), method };
  const ours = { reason: `It has expired. ${owner} renews it when it is next used.`, lookAgainMs: LOOK_AGAIN_MS };
  const { reason: usual, lookAgainMs } = expired ?? ours;
  const until = lookAgainMs === undefined ? undefined : new Date(now + lookAgainMs);
  return { status: 'deferred', reason: reason ?? usual, ...(until && { until }), method };
}

/** A token that nothing renews is good until its own end, which is the end of the login. */
export function observeFixed(login: StoredLogin, now: number): RefreshOutcome {
  const { loginExpiresAt, signIn } = login;
  const method = 'observe';
  if (!loginExpiresAt || loginExpiresAt.getTime() > now) return { status: 'fresh', ...timesOf(login), method };
  const proof = 'The token has expired, and there is no refresh token to renew it with.';
  return { status: 'login-required', hint: signIn, proof, method };
}
