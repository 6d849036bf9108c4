import type { PartialPolicy } from '../../contract/policy.ts';
import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import type { StoreReading } from '../cli/touch.ts';
import type { TokenFile } from '../oauth/token-file.ts';
import type { SignIn } from '../../plugin/sign-in.ts';
import type { Wait } from '../store/json-store.ts';

/** How a credential is kept alive. `auto` touches if the owner's program is installed, else redeems, else observes. */
export type SessionMethod = 'auto' | 'touch' | 'redeem' | 'observe';

/** A credential in the store of its owner. `expiresAt` and `loginExpiresAt` are dates, `dueAt` is a number. */
export type StoredLogin = StoreReading & {
  /** The path of the store with symbolic links followed, or a description of it. */
  readonly store: string;
  /** What the user does if the login is over, as a sentence. */
  readonly signIn: string;
  /** A hash of the refresh token alone, if it can be used only once. */
  readonly refreshFingerprint?: string | undefined;
  /** A hash of the account's id, which stays the same after a renewal. */
  readonly account?: string | undefined;
  /** The account for display. Make it with `maskAccount`. */
  readonly accountLabel?: string | undefined;
  /** No renewal moves `loginExpiresAt`. */
  readonly loginEndIsFixed?: boolean | undefined;
  /** Nothing can renew it. It ends at `loginExpiresAt`. */
  readonly isFixed?: boolean | undefined;
  /** Only assumed by an inspection, which cannot look into the store. An attempt finds out. */
  readonly assumed?: boolean | undefined;
  /** When to renew it, in milliseconds since the epoch. If undefined, it is due at each tick. */
  readonly dueAt?: number | undefined;
  /** What the user should know about it. */
  readonly note?: string | undefined;
};

/** There is nothing to keep alive. */
export type NoLogin = {
  /** What the user can do about it. */
  readonly hint: string;
  /** The store is there, but empty. After a touch this proves that the owner gave up the login. */
  readonly blank?: boolean | undefined;
  /** There is a credential, but it cannot be kept alive. `hint` says why. */
  readonly unusable?: boolean | undefined;
  /** Where else the login may be: names of stores. The session's files are always looked at. */
  readonly alsoIn?: readonly string[] | undefined;
  /** The place to show, if it is not the first of the session's files. */
  readonly store?: string | undefined;
};

export const isNoLogin = (found: StoredLogin | NoLogin): found is NoLogin => 'hint' in found;

/**
 * The context of `look`, which serves attempts and inspections. An inspection has no `exec`, `last` or `refreshBefore`,
 * and does not use `dueAt`.
 */
export type LookContext = InspectContext & {
  readonly exec?: ProviderContext['exec'] | undefined;
  readonly last?: ProviderContext['last'];
  /** How long before its expiry the policy renews the credential, in milliseconds. */
  readonly refreshBefore?: number | undefined;
};

/** What a touch gets from the session. */
export type TouchRun = {
  /** What the owner is called. */
  readonly owner: string;
  /** Where the owner's program was found. */
  readonly program: string;
  /** A directory lock for this store that no vendor uses. */
  readonly lock: string;
  /** Looks at the store again. */
  readonly read: () => Promise<StoreReading | undefined>;
  /** The outcome if the program must not be run. `reason` is shown once the access token has expired. */
  readonly observe: (reason?: string) => RefreshOutcome;
  readonly wait: Wait;
};

/** Makes the owner's program renew its own credential. `ownerTouch` makes one from a command line. */
export type TouchMethod<Login extends StoredLogin = StoredLogin> = {
  readonly run: (login: Login, context: ProviderContext, run: TouchRun) => Promise<RefreshOutcome>;
  /** What an inspection shows of earlier touches. */
  readonly note?: ((login: Login, context: InspectContext, owner: string) => Promise<string | undefined>) | undefined;
};

/** Spends the refresh token without the owner. */
export type RedeemMethod<Login extends StoredLogin = StoredLogin> = {
  /** Undefined if only the owner can renew this login. */
  readonly tokenFile: (login: Login, context: InspectContext) => TokenFile | undefined | Promise<TokenFile | undefined>;
  /** Replaces `redeem`: spends the token in its own way. */
  readonly spend?: ((login: Login, context: ProviderContext, file: TokenFile) => Promise<RefreshOutcome>) | undefined;
  /** What the user should know about this method. An inspection shows it. */
  readonly note: string;
};

/** A session whose credential a vendor's program owns and renews. */
export type SessionOptions<Login extends StoredLogin = StoredLogin> = {
  readonly id: string;
  readonly displayName: string;
  /** What the owner is called. */
  readonly owner: string;
  /** The owner's program: a name on the PATH, or a path. */
  readonly program: string;
  /** Where else it may be. The PATH of a service is often short. */
  readonly usualPrograms?: readonly string[] | undefined;
  /** Makes the program print its version and do nothing else. */
  readonly versionArgs?: readonly string[] | undefined;
  /** `{}` is the default policy with a time limit of 150 seconds, because a touch may take that long. */
  readonly policy: PartialPolicy;
  /** `touch` and `redeem` need the member of that name. Without it, the session is only observed. */
  readonly method: SessionMethod;
  /** Environment variables that make the program use this login and no other. Undefined removes one. */
  readonly variables?: ((context: InspectContext) => Readonly<Record<string, string | undefined>>) | undefined;
  /**
   * Reads the store. Conceal each secret that it reads. Throws if the store cannot be read. `wait` waits for some
   * milliseconds: pass it to `readJsonFile`, so that a test need not wait.
   */
  readonly look: (context: LookContext, wait: Wait) => Promise<Login | NoLogin>;
  /** The files that change when the credential does, the store first. */
  readonly files: (context: InspectContext) => readonly [string, ...string[]];
  /** [at `dueAt`; without one at each tick, but not for a change of the store] */
  readonly isDue?:
    | ((
        login: Login,
        context: ProviderContext,
        chosen: { readonly method: string; readonly program?: string | undefined },
      ) => boolean)
    | undefined;
  /**
   * The outcome if the owner is about to renew a credential that is due, or has just done so. Called before a touch or
   * a redeem, even if the renewal is forced. Undefined to go on.
   */
  readonly standAside?: ((login: Login, context: ProviderContext) => Promise<RefreshOutcome | undefined>) | undefined;
  readonly touch?: TouchMethod<Login> | undefined;
  readonly redeem?: RedeemMethod<Login> | undefined;
  /** How the user signs in. Without it, the user does what `signIn` of the login says. */
  readonly signIn?: SignIn | undefined;
  /** What to say, and when to look again, while the access token is expired and nothing may renew it. */
  readonly expired?: { readonly reason: string; readonly lookAgainMs?: number | undefined } | undefined;
};
