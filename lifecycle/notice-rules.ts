import type { Duration } from '../sdk/contract/duration.ts';
import type { Instant, Notice, NoticeCode, Session } from '../sdk/contract/session.ts';
import { withoutAddresses } from '../sdk/recipes/notice/text.ts';
import { renewalOf } from '../sdk/wording/deadlines.ts';
import { describeDuration } from '../sdk/wording/duration.ts';
import { capitalized, sentence } from '../sdk/wording/sentence.ts';
import { adviceIn } from '../sdk/wording/sign-in-advice.ts';
import { signInSeparately } from '../sdk/wording/shared-login.ts';
import { fullTime } from '../sdk/wording/time.ts';
import type { FleetTrouble } from '../sdk/plugin/fleet.ts';
import { unreachable } from '../sdk/base/unreachable.ts';
import { warningInForce } from './warnings.ts';
import { isLocalTrouble } from './apply-result.ts';

export type Draft = Omit<Notice, 'raisedAt'>;

/** Whether a notice says that a session is in trouble. */
export const isTrouble = ({ code }: Notice): boolean => code === 'login-required' || code === 'failing';

/** A notice that is never cleared. */
export const isOneOff = ({ code }: Notice): boolean => code === 'recovered';

/** Stands for the session in notices about the kernel itself. */
const KERNEL = 'keepalive';

export const portTaken = (wanted: number, port: number, reason: unknown): Draft => ({
  id: `${KERNEL}:port-taken`,
  session: KERNEL,
  level: 'warning',
  code: 'port-taken',
  title: `Port ${wanted} cannot be used for the API`,
  body:
    `${reason === 'EADDRINUSE' ? 'Another program uses it' : `The system refuses it (${String(reason)})`}. ` +
    `The API is on port ${port} instead, and sessions are kept alive.`,
  action: 'Free the port or change rpc.port. Then run `keepalive restart`.',
});

export const linkReused = (): Draft => ({
  id: `${KERNEL}:link-reused`,
  session: KERNEL,
  level: 'warning',
  code: 'link-reused',
  title: 'A link to the settings page, or its cookie, was used twice',
  body: 'Another user or program may have a copy of it. The page was closed.',
  action: 'Open the page again with `keepalive ui`. `keepalive ui --close` closes all pages and clears this notice.',
});

export const testNotice = (): Draft => ({
  id: `${KERNEL}:test`,
  session: KERNEL,
  level: 'info',
  code: 'test',
  title: 'This is a test notice',
  body: 'Notices about your sessions appear here.',
});

/** A warm-up is no session: the notice has its id. */
export const warmUpPaused = (id: string, why: string): Draft => ({
  id: `${id}:warmup-paused`,
  session: id,
  level: 'warning',
  code: 'warmup-paused',
  title: `Warm-up ${id} is paused`,
  body: withoutAddresses(why),
  action: `When that is mended, run \`keepalive warmup ${id} --resume\`.`,
});

export const fleetUnreachable = ({ reason, action }: Pick<FleetTrouble, 'reason' | 'action'>): Draft => ({
  id: `${KERNEL}:fleet-unreachable`,
  session: KERNEL,
  level: 'warning',
  code: 'fleet-unreachable',
  title: 'The fleet is not reached',
  body:
    `${capitalized(sentence(reason))} ` +
    'Sessions whose login only this machine holds are kept alive; the others wait.',
  action,
});

type Refused = { readonly file: string; readonly problem: string; readonly isGone?: true | undefined };

export const configRefused = ({ file, problem, isGone }: Refused): Draft => ({
  id: `${KERNEL}:config-refused`,
  session: KERNEL,
  level: 'error',
  code: 'config-refused',
  title: isGone ? 'The configuration file is gone' : 'The changed configuration is refused',
  body: `${file}: ${sentence(problem)} ${afterRefusal(isGone)}`,
  action: isGone
    ? 'Put the file back, or run `keepalive restart` to do without it.'
    : 'Correct the file. It is read again when it is saved.',
});

/** What a refused configuration means for the user. */
export const afterRefusal = (isGone: true | undefined): string =>
  isGone
    ? 'What it said stays in force until the next start.'
    : 'The last valid one stays in force; the next start refuses it.';

/** A virus scanner that had the file open is done by the third try. */
const LASTING_TRIES = 3;

/** The notice that a session's state asks for. `keep` leaves the present one as it is. */
export function troubleOf(session: Session): Draft | 'keep' | undefined {
  const { id, displayName, state, lastAttempt, lastSuccessAt } = session;
  if (state.name === 'alive') return undefined;
  const about = (code: NoticeCode) => ({ id: `${id}:${code}`, session: id, level: 'error', code }) as const;
  const failing = () => ({ ...about('failing'), title: `${displayName} cannot be kept alive` });
  if (state.name === 'waiting' && state.tries >= LASTING_TRIES && lastAttempt && isLocalTrouble(lastAttempt)) {
    return { ...failing(), body: withoutAddresses(state.hint), action: 'It resumes automatically once that is fixed.' };
  }
  if (state.name !== 'halted') return 'keep';
  switch (state.why) {
    case 'login-required':
      return {
        ...about('login-required'),
        title: `${displayName} needs a login`,
        body: `Its login has ended${since(lastSuccessAt)}. Only you can sign in again.`,
        action: actionOf(session),
      };
    case 'too-many-failures':
      return {
        ...failing(),
        body: withoutAddresses(state.hint),
        action: `It is tried once a day, and now by \`keepalive resume ${id}\`. See \`keepalive explain ${id}\`.`,
      };
    // A session that was never alive is only a tool that is not signed in.
    case 'unavailable':
      return lastSuccessAt === undefined
        ? undefined
        : {
            ...about('failing'),
            title: `${displayName} is no longer kept alive`,
            body: `It was kept alive until ${fullTime(lastSuccessAt)}.`,
            action: actionOf(session),
          };
    case 'paused':
      return undefined;
    default:
      return unreachable(state);
  }
}

/** A hint of a vendor may contain a link that signs in, and a notice must not. */
const actionOf = (session: Session): string => withoutAddresses(adviceIn(session) ?? '');

const since = (lastSuccessAt: Instant | undefined): string =>
  lastSuccessAt === undefined ? '' : ` (it was last good on ${fullTime(lastSuccessAt)})`;

/** The warning about one login in two stores, worded for the session that renews it or for the one that waits. */
export function sharingOf({ id, displayName, shared }: Session): Draft | undefined {
  if (!shared) return undefined;
  const { session: other, holder, spent = false } = shared;
  const title = `${displayName} ${spent ? 'held the same login as' : 'shares one login with'} the session "${other}"`;
  const about = { session: id, level: 'warning', code: 'shared-login', title } as const;
  const once = 'Its refresh token can be spent only once.';
  if (holder === id) {
    const body = spent
      ? `The refresh token of "${id}" has changed, and the one in the store of "${other}" may be spent. ` +
        `"${other}" waits.`
      : `The store of "${other}" holds a copy. ${once} This session keeps it alive, and "${other}" waits.`;
    return { ...about, id: `${id}:shared-login:holder`, body, action: signInSeparately(other, id, spent) };
  }
  const body = spent
    ? `The refresh token of "${holder}" has changed, and the one here may be spent. ` +
      'Using it could end the login of both, so it is not used here.'
    : `Its store holds a copy. ${once} The session "${holder}" keeps it alive, and this one waits.`;
  return { ...about, id: `${id}:shared-login`, body, action: signInSeparately(id, holder, spent) };
}

/**
 * The warning about a login that ends soon, which no renewal extends. `keep` leaves the present one as it is, while the
 * session is paused or unavailable.
 */
export function deadlineOf(
  session: Session,
  now: Instant,
  isRaised: (id: string) => boolean,
): Draft | 'keep' | undefined {
  const { id, displayName, state, policy, loginExpiresAt } = session;
  if (state.name === 'halted' && (state.why === 'paused' || state.why === 'unavailable')) return 'keep';
  if (loginExpiresAt === undefined || (state.name === 'halted' && state.why === 'login-required')) return undefined;
  const idOf = (lead: Duration) => `${id}:login-ends-soon:${lead}`;
  const lead = warningInForce(session, policy, { now, isRaised: one => isRaised(idOf(one)) });
  if (lead === undefined) return undefined;
  return {
    id: idOf(lead),
    session: id,
    level: 'warning',
    code: 'login-ends-soon',
    title: `${displayName}: the login ends within ${describeDuration(lead, 'long').replace(/^1 (?=day)/, 'a ')}`,
    body: `It ends on ${fullTime(loginExpiresAt)}, and no renewal extends it.`,
    action: withoutAddresses(renewalOf(session)),
  };
}
