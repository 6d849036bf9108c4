import type { Policy } from '../contract/policy.ts';
import type { Instant, Session } from '../contract/session.ts';
import { describeDuration } from './duration.ts';
import { listed } from './sentence.ts';
import { signInCommand } from './sign-in-advice.ts';

/** An end that no renewal moves. */
export type KnownEnd = { readonly kind: 'login' | 'credential'; readonly at: Instant };

/** Such an end, with what the user needs to know. */
export type Deadline = KnownEnd & {
  /** The session's id. */
  readonly id: string;
  readonly displayName: string;
  /** What the user does about it, as a sentence. */
  readonly renew: string;
  readonly warn: Policy['warn'];
};

type Ends = Pick<Session, 'method' | 'expiresAt' | 'loginExpiresAt'>;

type Member = Pick<Session, 'id' | 'displayName' | 'signIn' | 'renew'> &
  Ends & {
    /** An older daemon does not send `warn`. */
    readonly policy: Partial<Pick<Policy, 'warn'>>;
  };

/** Every end that is known, soonest first. That of a credential counts only if nothing renews it. */
export const deadlinesOf = (sessions: readonly Member[]): readonly Deadline[] =>
  sessions.flatMap(deadlinesOfOne).toSorted((a, b) => a.at - b.at);

function deadlinesOfOne(session: Member): readonly Deadline[] {
  const { id, displayName, policy } = session;
  const about = { id, displayName, renew: renewalOf(session), warn: policy.warn ?? [] };
  return knownEnds(session).map(end => ({ ...about, ...end }));
}

/** The ends of a session that are certain: of its login, and of the credential itself if it is only observed. */
export function knownEnds({ method, expiresAt, loginExpiresAt }: Ends): readonly KnownEnd[] {
  const isFinal = method === 'observe' && expiresAt !== loginExpiresAt;
  return [...endAt('login', loginExpiresAt), ...(isFinal ? endAt('credential', expiresAt) : [])];
}

const endAt = (kind: KnownEnd['kind'], at: Instant | undefined): readonly KnownEnd[] =>
  at === undefined ? [] : [{ kind, at }];

/** What the user does before a login ends, as a sentence. */
export const renewalOf = ({ id, displayName, signIn, renew }: Omit<Member, keyof Ends | 'policy'>): string =>
  signIn ? `Run \`${signInCommand(id)}\` before then.` : (renew ?? `Sign in to ${displayName} again before then.`);

/** When the user is warned of the end of a login: `7 days and 1 day before the login ends`. */
export function describeWarnings({ warn }: Member['policy']): string | undefined {
  if (warn === undefined) return undefined;
  if (warn.length === 0) return 'none before the login ends';
  return `${describeLeads(warn)} before the login ends`;
}

/** The same as a sentence, after one about that end. */
export const warningSentence = (warn: Policy['warn']): string =>
  warn.length > 0 ? `A notice comes ${describeLeads(warn)} before.` : 'No notice comes before.';

const describeLeads = (warn: Policy['warn']): string => listed(warn.map(lead => describeDuration(lead, 'long')));
