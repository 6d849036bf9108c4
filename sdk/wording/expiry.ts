import type { Instant, Session } from '../contract/session.ts';
import { relative } from './time.ts';

type Describe = (at: Instant, now: Instant) => string;

export const EXPIRY_UNKNOWN = 'no expiry known';

/** A credential expires. A renewal gives it another expiry. */
export const expiryVerb = (at: Instant, now: Instant): string => (at > now ? 'expires' : 'expired');

/** A login ends. No renewal extends it. */
export const loginEndVerb = (at: Instant, now: Instant): string => (at > now ? 'ends' : 'ended');

/** `expires in 5 h`, `expired 2 min ago`. */
export const describeExpiry = (at: Instant, now: Instant, describe: Describe = relative): string =>
  `${expiryVerb(at, now)} ${describe(at, now)}`;

/** `login ends in 12 days`, `login ended 1 h ago`. */
export const describeLoginEnd = (at: Instant, now: Instant, describe: Describe = relative): string =>
  `login ${loginEndVerb(at, now)} ${describe(at, now)}`;

/** When its credential and its login end. Once a login is required, the end of the old one is of no use. */
export function describeEnds(
  { state, expiresAt, loginExpiresAt }: Pick<Session, 'state' | 'expiresAt' | 'loginExpiresAt'>,
  now: Instant,
  describe: Describe = relative,
): readonly string[] {
  if (state.name === 'halted' && state.why === 'login-required') return [];
  return [
    ...(expiresAt === undefined ? [] : [describeExpiry(expiresAt, now, describe)]),
    ...(loginExpiresAt === undefined ? [] : [describeLoginEnd(loginExpiresAt, now, describe)]),
  ];
}
