import type { Notice, Session } from '../contract/session.ts';

/** The command that signs in to a session, on the machine of its daemon. */
export const signInCommand = (id: string): string => `keepalive login ${id}`;

/** Whether the user has to sign in, and `login/start` helps with it. */
export const needsSignIn = ({ state, signIn }: Pick<Session, 'state' | 'signIn'>): boolean =>
  state.name === 'halted' &&
  ((state.why === 'login-required' && signIn !== undefined) || (state.why === 'unavailable' && signIn === 'first'));

type Facts = Pick<Session, 'id' | 'state' | 'signIn'>;

/** What the user does about a session that needs a sign-in, as a sentence. Undefined if `login/start` cannot help. */
export const signInAdvice = (session: Facts): string | undefined =>
  needsSignIn(session) ? `Run \`${signInCommand(session.id)}\`.` : undefined;

type Absence = {
  readonly owner?: string | undefined;
  readonly program?: string | undefined;
  readonly unusable?: boolean | undefined;
};

/** The hint about a missing login. The program that signs in has to be installed first. */
export const installFirst = (hint: string, { owner, program, unusable = false }: Absence): string =>
  owner !== undefined && program === undefined && !unusable ? `Install ${owner}. ${hint}` : hint;

/** What the user does about a session that is halted or waits: the sign-in, or else what the hint says. */
export const adviceIn = (session: Facts): string | undefined => {
  const { state } = session;
  return signInAdvice(session) ?? ('hint' in state && state.hint !== '' ? state.hint : undefined);
};

/** Whether a frontend offers to sign in: it is needed, or the login ends soon. */
export const offersSignIn = (session: Facts, notices: readonly Pick<Notice, 'session' | 'code'>[]): boolean =>
  needsSignIn(session) || (session.signIn !== undefined && endsSoon(session, notices) !== undefined);

/** The notice that the session's login ends soon. */
export const endsSoon = <T extends Pick<Notice, 'session' | 'code'>>(
  { id }: Pick<Session, 'id'>,
  notices: readonly T[],
): T | undefined => notices.find(({ session, code }) => session === id && code === 'login-ends-soon');
