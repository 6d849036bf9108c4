import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import type { JsonObject } from '../store/json-store.ts';

/** A JSON file that holds an OAuth refresh token, and how the token is spent. */
export type TokenFile = {
  /** A path. A leading `~` is the user's home. */
  readonly file: string;
  /** An `https://` address, or `http://` on a loopback host. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scope?: string | undefined;
  /** The format of the request. [form] */
  readonly body?: 'form' | 'json' | undefined;
  /** Added to the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where the values are in the file: keys joined by dots, such as `tokens.access_token`. */
  readonly paths: {
    readonly access: string;
    readonly refresh: string;
    /** Seconds, milliseconds, microseconds (recognized by their size) or ISO 8601; written back in the same form. */
    readonly expiresAt?: string | undefined;
    /** The end of the login, which no renewal extends. */
    readonly loginExpiresAt?: string | undefined;
    /** The id token, which names the account. */
    readonly idToken?: string | undefined;
  };
  /** What the user does to sign in again, as a sentence. */
  readonly signIn: string;
  /** The vendor's own codes for `invalid_grant`, in addition to the usual ones. */
  readonly permanentCodes?: readonly string[] | undefined;
  /** HTTP statuses that end the login with any code. Only a JSON error counts, because a proxy answers in HTML. */
  readonly permanentStatuses?: readonly number[] | undefined;
  /** After a refusal: how long another program may take to store the successor of our token, in milliseconds. [300] */
  readonly settleMs?: number | undefined;
  /** The directory locks to hold while redeeming, in this order. [`<file>.lock`, symbolic links followed] */
  readonly locks?: readonly string[] | undefined;
  /** A lock that was not touched for this long is taken over, in milliseconds. Holders touch it every 5 s. [10000] */
  readonly lockStaleMs?: number | undefined;
  /** When it is due, in milliseconds since the epoch; undefined if unknown. [`refreshBefore` before the expiry] */
  readonly dueAt?: ((credential: Credential, context: ProviderContext) => number | undefined) | undefined;
  /** Copies further members of the vendor's reply into the new content of the file. `at`: when it was asked for. */
  readonly merge?: ((json: JsonObject, reply: JsonObject, at: Date) => JsonObject) | undefined;
  /** Takes the locks that the owner takes to write the file, calls `write`, and releases them. */
  readonly guard?: ((write: () => Promise<void>, context: StoreContext) => Promise<void>) | undefined;
};

/** What an attempt and a sign-in may use to write the file. */
export type StoreContext = InspectContext & Pick<ProviderContext, 'fetch' | 'exec' | 'pty'>;

/** Symbolic links in the path are followed. */
type Stored = { readonly path: string; readonly text: string; readonly json: JsonObject };

/** The content of a token file at one moment. */
export type Credential = Stored & {
  readonly access: string;
  readonly refresh: string;
  readonly expiresAt: Date | undefined;
  /** The value in the file before we removed it; the next expiry is written in the same form. */
  readonly expiryForm: unknown;
  readonly issuedAt: Date | undefined;
  readonly loginExpiresAt: Date | undefined;
  readonly fingerprint: string;
};

/** Why there is nothing to redeem. A missing file is empty. */
export type Absence = Stored & { readonly absent: 'file' | 'token' };
