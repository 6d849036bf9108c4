import { isFailing, needsLogin, type Instant, type Session } from '../contract/session.ts';
import { knownEnds } from '../wording/deadlines.ts';

type Life = Pick<Session, 'method' | 'expiresAt' | 'loginExpiresAt'>;

/** When a session certainly ends. Undefined if that is not known. */
export const knownEnd = (session: Life): Instant | undefined => earliest(knownEnds(session).map(({ at }) => at));

/** What keeps a job from starting. */
export type Obstacle =
  /** The state: a login is required, the session fails, or it was never found good. */
  | { readonly kind: 'state' }
  /** It ends too soon. `isFinal`: only a login moves that end. */
  | { readonly kind: 'end'; readonly at: Instant; readonly isFinal: boolean };

/** Why a session may end within `minMs`. Undefined if it passes. */
export function obstacleOf(session: Life & Pick<Session, 'state'>, minMs: number, now: Instant): Obstacle | undefined {
  if (needsLogin(session) || isFailing(session) || isUnproven(session)) return { kind: 'state' };
  const isExpired = session.expiresAt !== undefined && session.expiresAt <= now;
  const at =
    isRenewed(session) && !isExpired ? knownEnd(session) : earliest([session.expiresAt, session.loginExpiresAt]);
  if (at === undefined || (at > now && at >= now + minMs)) return undefined;
  return { kind: 'end', at, isFinal: at === knownEnd(session) };
}

/** Whether the next renewal is expected to succeed. While it is paused or offline, the credential ends by itself. */
const isRenewed = ({ state }: Pick<Session, 'state'>): boolean =>
  state.name === 'alive' || (state.name === 'waiting' && state.why === 'deferred');

/** Before its first attempt has ended, only an expiry shows that there is a credential. */
const isUnproven = ({ state, expiresAt }: Life & Pick<Session, 'state'>): boolean =>
  (state.name === 'idle' || state.name === 'refreshing') && expiresAt === undefined;

function earliest(ends: readonly (Instant | undefined)[]): Instant | undefined {
  const known = ends.filter(at => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
