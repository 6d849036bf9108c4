import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { World } from '../world/world.ts';

/** An answer of a vendor, before it is sent. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** It is sent in so many pieces, half a second apart. [1] */
  readonly pieces?: number;
};

/** A request that the vendor gets while a fault lasts. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly world: World;
  /** Which request for a new token this is, from 1. */
  readonly count: number;
  /** What the vendor answers without a fault. It has then spent the refresh token. */
  readonly honest: () => Promise<Reply>;
  readonly send: (reply: Reply) => Promise<void>;
  /** Ends the connection without an answer, or in the midst of one. */
  readonly drop: () => void;
};

/**
 * What must have happened at the end of an attempt during a fault.
 * - `renewed`: the fault does not matter.
 * - `temporary`: it passes by itself, and is tried again.
 * - `either`: one of both.
 * - `once`: it is renewed, and again when the vendor refuses the new token, which no trial waits for.
 * - `failed`: temporary, or a failure that is counted.
 * - `over`: the vendor has ended the login, and the user is asked to sign in, at the latest at the second attempt.
 * - `unseen`: the same, but the program does not show it, so that nothing may be said.
 * - `watched`: the program, which runs beside us, keeps its login, and we say so.
 * - `unasked`: only the store of a program is looked at, so that the end of a login is not seen.
 * - `lost`: the vendor's answer was lost on the way, so that no program has the new token. Only a lie is wrong.
 */
export type Expected =
  | 'renewed'
  | 'temporary'
  | 'either'
  | 'once'
  | 'failed'
  | 'over'
  | 'unseen'
  | 'watched'
  | 'unasked'
  | 'lost';

/** Parts of a program that a fault needs. Without `vendor`, no vendor is asked. */
export type Needs = 'vendor' | 'tokens' | 'rotation' | 'program' | 'directory locks' | 'flock' | 'dated tokens';

/** One thing that goes wrong while a login is due, and what must hold. */
export type Fault = {
  /** As it is written in the table and in the documentation. */
  readonly name: string;
  readonly expects: Expected;
  /** Programs without these cannot have the fault. */
  readonly needs?: readonly Needs[];
  /** Answers requests for a new token. */
  readonly exchange?: (exchange: Exchange) => Promise<void> | void;
  /** Answers all requests. */
  readonly every?: (exchange: Exchange) => Promise<void> | void;
  /** Handles a connection to the proxy. */
  readonly connect?: (socket: Duplex) => void;
  /** The certificate that the vendor shows. */
  readonly certificate?: 'of an unknown authority' | 'of another host';
  /** Prepares the machine. What it returns ends the fault. */
  readonly before?: (world: World) => Promise<Cleanup | void>;
  /** Keepers that attempt it at the same time. [1] */
  readonly keepers?: number;
};
