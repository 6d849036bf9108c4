import type { Cleanup } from '../base/cleanup.ts';
import type { Files } from './files.ts';
import type { Logger } from './logger.ts';
import type { PartialPolicy } from '../contract/policy.ts';
import type { Exec, RunningProcess } from './process.ts';

/** The outcome of one attempt. `method` says how it was established: `touch`, `redeem`, `observe`, … */
export type RefreshOutcome = { readonly method?: string | undefined } &
  /** Renewed now. */
  (
    | {
        readonly status: 'refreshed';
        readonly expiresAt?: Date | undefined;
        readonly loginExpiresAt?: Date | undefined;
      }
    /** Looked; nothing was due, or the owner had already done it. */
    | { readonly status: 'fresh'; readonly expiresAt?: Date | undefined; readonly loginExpiresAt?: Date | undefined }
    /** Not now, for a reason that is shown to the user: the owner is busy with it, for example. */
    | { readonly status: 'deferred'; readonly until?: Date | undefined; readonly reason: string }
    /** The vendor said wait. */
    | { readonly status: 'rate-limited'; readonly retryAt?: Date | undefined }
    /** Only a person can help. Needs proof, never a guess. */
    | { readonly status: 'login-required'; readonly hint: string; readonly proof: string }
    /** Not installed, not signed in, or retired by the vendor. */
    | { readonly status: 'unavailable'; readonly hint: string }
  );

/** Why an attempt is made. */
export type RefreshReason = 'schedule' | 'manual' | 'wake' | 'changed';

/** What the attempt before this one established. */
export type LastOutcome = {
  readonly status: RefreshOutcome['status'];
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  readonly expiresAt?: Date | undefined;
  /** When that expiry was first known, in milliseconds since the epoch: as far as anybody saw, its life began then. */
  readonly expirySeenAt?: number | undefined;
};

/** What a provider may touch to look at its credential. Handed in, so that a test can hand in something else. */
export interface InspectContext {
  /** Aborted on timeout, pause and shutdown. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Files of the user; a leading `~` is the user's home. */
  readonly files: Files;
  /** The environment of the daemon, or of the test. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a program is, searched on the PATH; undefined where it is not installed. */
  readonly which: (program: string) => Promise<string | undefined>;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes sure that a value never appears in a log, an error, a state or a notice. Call it for every secret that is read. */
  readonly conceal: (secret: string) => void;
}

/** What a provider may touch during an attempt. */
export interface ProviderContext extends InspectContext {
  /** Like the global one; passes the user's proxy settings on and gives up on a silent peer. */
  readonly fetch: typeof globalThis.fetch;
  /** Runs a program. A non-zero exit is a result, not an error. */
  readonly exec: Exec;
  /**
   * Runs a program that wants a terminal, in one that nobody sees. It is hung up on when `talk` returns, as by closing a window;
   * what is sent ends with Enter, and all that it prints is `stdout`.
   */
  readonly pty: Exec;
  /** The programs running on this machine. Throws where they cannot be listed: then act as if the owner were running. */
  readonly processes: () => Promise<readonly RunningProcess[]>;
  readonly reason: RefreshReason;
  /** A person asked for a renewal even if nothing is due. */
  readonly force: boolean;
  /** How long before its expiry the policy wants the credential renewed, in milliseconds. */
  readonly refreshBefore: number;
  /** When half of the known life is over, in milliseconds since the epoch. Set if the policy has `renewEarly`. */
  readonly renewFrom?: number | undefined;
  readonly last?: LastOutcome | undefined;
}

/** What is known of a credential without using it. Never carries a secret. */
export type Inspection = {
  /** Whether there is a credential to keep. */
  readonly present: boolean;
  /** Where it is: a path with symbolic links followed, or a description of the store. */
  readonly store?: string | undefined;
  /** The program that owns and rotates it. */
  readonly owner?: string | undefined;
  /** Where the owner's program was found; undefined where it was not. */
  readonly program?: string | undefined;
  /** What makes that program say its version and do nothing else; doctor asks it. Undefined where that is not known to be harmless. */
  readonly versionArgs?: readonly string[] | undefined;
  /** How it would be kept alive. */
  readonly method?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly loginExpiresAt?: Date | undefined;
  /** Changes when the credential does. A hash, never the secret. */
  readonly fingerprint?: string | undefined;
  /**
   * A hash of the refresh token alone, the same in every copy of one login; absent if a renewal spends none.
   * With it the kernel never renews one login from two stores.
   */
  readonly refreshFingerprint?: string | undefined;
  /** Whose login it is, where the credential says so and no renewal changes it. A hash, never the name. */
  readonly account?: string | undefined;
  /** No renewal moves `loginExpiresAt`: another one means that a person has signed in again. */
  readonly loginEndIsFixed?: boolean | undefined;
  /** What the user should know or do about it. */
  readonly hint?: string | undefined;
};

export interface ProviderPlugin {
  readonly kind: 'provider';
  /** Unique among the configured plugins. Names the session everywhere: lower-case letters, digits and dashes. */
  readonly id: string;
  readonly displayName: string;
  /** What differs from the kernel's default policy. The user's configuration has the last word. */
  readonly policy?: PartialPolicy | undefined;
  /** Makes sure the session is alive: looks first, renews only what is due (or on `force`). Anything unexpected is thrown, and retried. */
  refresh(context: ProviderContext): Promise<RefreshOutcome>;
  /** Looks, changes nothing, uses no network and runs no vendor program. */
  inspect?(context: InspectContext): Promise<Inspection>;
  /** Calls `changed` when the credential changed on disk. */
  watch?(context: InspectContext, changed: () => void): Cleanup;
}

/** Makes a provider plugin. Export a factory `(options) => defineProvider({…})` as the module's default. */
export const defineProvider = (provider: Omit<ProviderPlugin, 'kind'>): ProviderPlugin => ({
  ...provider,
  kind: 'provider',
});
