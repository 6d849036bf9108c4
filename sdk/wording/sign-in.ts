import type { LoginState, StartedLogin } from '../contract/rpc.ts';
import type { Instant } from '../contract/session.ts';
import { describeMs } from './duration.ts';
import { listed, sentence } from './sentence.ts';

type Where = Pick<StartedLogin, 'machine' | 'account' | 'hosts'>;

/** What is signed in to, and on which machine: `Sign in to Claude on laptop`. */
export const signInTitle = (displayName: string, { machine }: Pick<Where, 'machine'>): string =>
  `Sign in to ${displayName} on ${machine}`;

/** The kind of account and the vendor's hosts: `Claude account at claude.ai`. Undefined if neither is known. */
export function signInAccount({ account, hosts }: Pick<Where, 'account' | 'hosts'>): string | undefined {
  if (hosts.length === 0) return account;
  return `${account ?? 'Account'} at ${listed(hosts, 'or')}`;
}

/** Both on one line. It is shown before an address or a code is, so that the user can see a mix-up. */
export const signInHeader = (displayName: string, where: Where): string =>
  [signInTitle(displayName, where), signInAccount(where)].filter(Boolean).join(' — ');

/** What the user has to beware of, before an address or a code is shown. */
export const signInCaution = ({ hosts }: Pick<Where, 'hosts'>): string =>
  hosts.length === 0
    ? 'Go on only if you started this sign-in.'
    : `Go on only if you started this sign-in, and enter nothing at another address than ${listed(hosts, 'or')}.`;

/** A state that ends a sign-in. */
export type LoginEnd = Extract<LoginState, { readonly name: 'done' | 'failed' | 'cancelled' }>;

export const isLoginOver = (state: LoginState): state is LoginEnd =>
  state.name === 'done' || state.name === 'failed' || state.name === 'cancelled';

type About = Pick<StartedLogin, 'machine'> & { readonly displayName: string };

/** A state of a sign-in as one or two sentences: what the user does now, or what has happened. */
export function describeLoginState(state: LoginState, { displayName, machine }: About): string {
  switch (state.name) {
    case 'starting':
      return 'Starting the sign-in.';
    case 'open':
      return state.userCode === undefined
        ? `Open this address in a browser on ${machine}. The sign-in goes on by itself.`
        : 'Open this address on any device and enter the code there. The sign-in goes on by itself.';
    case 'code': {
      const action = 'Open this address on any device, sign in, and enter the code that you get.';
      return state.problem === undefined ? action : `${sentence(state.problem)} ${action}`;
    }
    case 'manual':
      return `${state.hint ? `${sentence(state.hint)} ` : ''}The sign-in goes on by itself once a new login is stored.`;
    case 'checking':
      return 'A new login is stored, and is being checked.';
    case 'confirm':
      return confirmQuestion(state);
    case 'done':
      return `Signed in. ${displayName} is alive.`;
    case 'failed':
      return sentence(state.message);
    case 'cancelled':
      return `The sign-in was cancelled. ${sentence(state.message ?? LOGIN_KEPT)}`;
  }
}

const LOGIN_KEPT = 'The login from before is as it was';

/** `Signed in as another account than before (b… instead of a…): keep it?` */
export const confirmQuestion = ({
  before,
  after,
}: Pick<LoginState & { name: 'confirm' }, 'before' | 'after'>): string =>
  `Signed in as another account than before (${after} instead of ${before}): keep it?`;

/** When the sign-in ends if the user does nothing: with the code that is shown, or at its own limit. */
export const loginEndsAt = (state: LoginState, { endsAt }: Pick<StartedLogin, 'endsAt'>): Instant =>
  state.name === 'open' && state.expiresAt !== undefined ? Math.min(state.expiresAt, endsAt) : endsAt;

/** `14 min left`. */
export const timeLeft = (end: Instant, now: Instant): string => `${describeMs(Math.max(0, end - now))} left`;

/** A code that is read by eye, with room between its characters: `A B C D - 1 2 3 4`. */
export const spacedCode = (code: string): string => [...code].join(' ');

/** An address as a person compares it, without its parameters: `vendor.example/sign-in`. */
export function addressText(url: string): string {
  const { host, pathname } = new URL(url);
  return pathname === '/' ? host : host + pathname;
}
