import type { Cleanup } from '../base/cleanup.ts';
import type { FleetAttempt, FleetMachine } from '../contract/rpc.ts';
import type { Attempt, Notice, Session } from '../contract/session.ts';
import type { Logger } from './logger.ts';

/** A session of one machine of the fleet. */
export type SessionOfMachine = { readonly machine: string; readonly session: string };

/** A login that a session of this machine holds. What leaves the machine of it is a keyed hash. */
export type Holding = {
  readonly session: string;
  /** The fingerprint of its refresh token. */
  readonly login: string;
  /** Where its store is. Two machines that see one file, as on a network drive, name it alike. */
  readonly store: string;
  /** False while the session is halted, so that another one may keep the login alive. */
  readonly isKept: boolean;
  /** The fingerprints of tokens that this store held before and that may be spent. */
  readonly spent: readonly string[];
};

/** A session of this machine whose login a session of another machine holds as well. */
export type Share = {
  readonly session: string;
  readonly other: SessionOfMachine;
  /** Who keeps the login alive: this machine or the other. */
  readonly holder: 'us' | 'other';
  /** The one that is not the holder has a refresh token that is spent, or may be. */
  readonly spent: boolean;
  /** Both see the same file, so what the one renews, the other has as well. */
  readonly isSameStore: boolean;
};

/** The right to spend a refresh token, for one attempt. */
export type Right = {
  /** Aborted when this machine may no longer hold it. */
  readonly lost: AbortSignal;
  /** Whether it certainly holds now. Checked again before each request, because timers wait while a process sleeps. */
  readonly isValid: () => boolean;
  /** Records the login after the attempt. Resolves with whether the right held until then. */
  readonly settle: (after: string | undefined) => Promise<boolean>;
};

export type Answer =
  | { readonly status: 'granted'; readonly right: Right }
  /** A session of another machine keeps the login alive. */
  | { readonly status: 'held'; readonly share: Share }
  /**
   * There was no answer in time. `reason` is for the user: a clause without an address or a secret. `other` may hold
   * the login as well.
   */
  | { readonly status: 'unreachable'; readonly reason: string; readonly other?: SessionOfMachine };

/** Who may renew a login that several machines hold. */
export interface Lease {
  /** Says what a session holds; undefined if nothing. Sent when it can be, once `onShares` was called. */
  hold(session: string, holding: Holding | undefined): void;
  /** Asks for the right to spend the session's refresh token. Never rejects. */
  acquire(holding: Holding): Promise<Answer>;
  /**
   * Calls with all that is shared, once it is known and after each change. From now on, this machine holds and shows
   * what was put, and nothing else.
   */
  onShares(listener: (shares: readonly Share[]) => void): Cleanup;
}

/** A daemon that runs on a machine. When it starts again, it is another one. */
export type Peer = { readonly machine: string; readonly run: string };

/** A message from one daemon to another. Its content is sealed on the way. */
export type Letter = { readonly from: Peer; readonly content: unknown };

/** What the machines of the fleet show each other. */
export interface Directory {
  /** Shows a session, or a change of it. Sent when it can be. */
  putSession(session: Session): void;
  removeSession(id: string): void;
  putNotice(notice: Notice): void;
  removeNotice(id: string): void;
  /** Adds to the history of the fleet, which keeps 90 days. */
  record(attempt: Attempt): void;
  /** All machines with what they have shown. Throws `KA_FLEET_UNREACHABLE`. */
  list(): Promise<readonly FleetMachine[]>;
  /** Newest first. Throws `KA_FLEET_UNREACHABLE`. */
  history(query: {
    readonly machine?: string | undefined;
    readonly id?: string | undefined;
    readonly limit: number;
  }): Promise<readonly FleetAttempt[]>;
  /** Calls when another machine has shown something new. */
  onChange(listener: () => void): Cleanup;
  /**
   * The daemon of a machine. Throws `KA_FLEET_MACHINE_NOT_FOUND`, `KA_FLEET_SILENT` if it has not been heard from
   * recently, and `KA_FLEET_UNREACHABLE`.
   */
  find(machine: string): Promise<Peer>;
  /**
   * Sends a message. No other daemon takes it, and this one does not later than a minute from now. Throws what `find`
   * throws.
   */
  send(to: Peer, content: unknown): Promise<void>;
  /**
   * Until the cleanup, messages are looked for often. `onSilent` is called once, when the daemon has ended, was not
   * heard lately, or the fleet was not reached for as long.
   */
  attend(peer: Peer, onSilent: () => void): Cleanup;
  /** Calls with each message that is new, young, and sealed by the daemon that it names. */
  onLetter(listener: (letter: Letter) => void): Cleanup;
}

/** Why the fleet is not reached, for the user. */
export type FleetTrouble = {
  /** A clause without an address or a secret. */
  readonly reason: string;
  readonly action: string;
  /** It does not end by itself. */
  readonly isLasting: boolean;
};

export type FleetContext = {
  readonly log: Logger;
  readonly version: string;
  /** This installation. It stays the same when the daemon restarts. */
  readonly instance: string;
  /** Hides a secret in logs and answers. */
  readonly conceal: (secret: string) => void;
  /** Reads a file that must be private. Throws `KA_FLEET_FILE` if other users may read it. */
  readonly readSecret: (path: string) => Promise<string>;
};

export type FleetConnection = {
  readonly lease: Lease;
  readonly directory: Directory;
  /** Calls when the fleet is no longer reached, or is again. */
  readonly onTrouble: (listener: (trouble: FleetTrouble | undefined) => void) => Cleanup;
  /** Gives up what this machine holds, if that is possible within a moment. */
  readonly close: () => Promise<void>;
};

/** What another machine may do here. */
export type Acceptable = 'refresh' | 'login';

/** What connects the machines of a fleet. */
export interface FleetPlugin {
  readonly kind: 'fleet';
  readonly id: string;
  /** The name of this machine in the fleet. */
  readonly machine: string;
  readonly accept: readonly Acceptable[];
  /** Connects in the background. */
  open(context: FleetContext): FleetConnection;
}
