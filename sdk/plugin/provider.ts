import type { Cleanup } from '../base/cleanup.ts';
import type { Inspection, RefreshOutcome, RefreshReason } from '../contract/outcome.ts';
import type { Files } from './files.ts';
import type { Logger } from './logger.ts';
import type { PartialPolicy } from '../contract/policy.ts';
import type { Exec, RunningProcess } from './process.ts';

export type { Inspection, RefreshOutcome, RefreshReason };

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
