import type { RefreshOutcome, RefreshReason } from '../contract/outcome.ts';
import type { Files } from './files.ts';
import type { Logger } from './logger.ts';
import type { Exec, RunningProcess } from './process.ts';

/** The outcome of the previous attempt. */
export type LastOutcome = {
  readonly status: RefreshOutcome['status'];
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  readonly expiresAt?: Date | undefined;
  /** When that expiry was first seen, in milliseconds since the epoch: the start of the known lifetime. */
  readonly expirySeenAt?: number | undefined;
};

/** What a provider may use to inspect its credential. Passed in, so that tests can pass fakes. */
export interface InspectContext {
  /** Aborted on timeout, pause and shutdown. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Files of the user; a leading `~` is the user's home. */
  readonly files: Files;
  /** The environment of the daemon, or of the test. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The path of a program, searched on the PATH; undefined if it is not installed. */
  readonly which: (program: string) => Promise<string | undefined>;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Keeps a value out of logs, errors, states and notices. Call it for every secret that is read. */
  readonly conceal: (secret: string) => void;
}

/** What a provider may use during an attempt. */
export interface ProviderContext extends InspectContext {
  /** Like the global one, with the user's proxy settings and a time limit for a silent peer. */
  readonly fetch: typeof globalThis.fetch;
  /** Runs a program. A non-zero exit is a result, not an error. */
  readonly exec: Exec;
  /**
   * Runs a program in a hidden terminal. When `talk` returns, the terminal is closed, as a window would be. Each line
   * that is sent ends with Enter. Everything that the program prints is `stdout`.
   */
  readonly pty: Exec;
  /** The programs running on this machine. Throws if they cannot be listed: then assume that the owner is running. */
  readonly processes: () => Promise<readonly RunningProcess[]>;
  readonly reason: RefreshReason;
  /** The user asked for a renewal even if nothing is due. */
  readonly force: boolean;
  /** How long before its expiry the policy renews the credential, in milliseconds. */
  readonly refreshBefore: number;
  /** When half of the known lifetime is over, in milliseconds since the epoch. Set if the policy has `renewEarly`. */
  readonly renewFrom?: number | undefined;
  readonly last?: LastOutcome | undefined;
}
