import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { dueAt } from '../due.ts';
import { readJwt } from './jwt.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  type JsonObject,
  type Wait,
} from '../store/json-store.ts';
import { recallExpiry } from './notes.ts';

/** A file that holds an OAuth refresh token, and how it is spent. */
export type TokenFile = {
  readonly file: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scope?: string | undefined;
  /** How the request is written. [form] */
  readonly body?: 'form' | 'json' | undefined;
  /** Sent with the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where in the file the values are: keys, joined by dots. */
  readonly paths: {
    readonly access: string;
    readonly refresh: string;
    readonly expiresAt?: string | undefined;
    readonly loginExpiresAt?: string | undefined;
  };
  /** What the person does to sign in, as a sentence. */
  readonly signIn: string;
  /** The vendor's own codes that mean what `invalid_grant` means, in addition to the usual ones. */
  readonly permanentCodes?: readonly string[] | undefined;
  /** Statuses that mean it with any code, if the answer is an error in JSON: a page is not the vendor's word. */
  readonly permanentStatuses?: readonly number[] | undefined;
  /** How long another program may take to write down the token that it got for ours, in milliseconds. [300] */
  readonly settleMs?: number | undefined;
  /** The directory locks that are held during the redeem, in this order. [`<file>.lock`, symbolic links followed] */
  readonly locks?: readonly string[] | undefined;
  /** A lock not kept young for this long is taken over. [10000] */
  readonly lockStaleMs?: number | undefined;
  /** When it is due, in milliseconds since the epoch; undefined where it never says. [before the expiry as the policy wants it] */
  readonly dueAt?: ((credential: Credential, context: ProviderContext) => number | undefined) | undefined;
  /** What else of the reply goes into the file. */
  readonly merge?: ((json: JsonObject, reply: JsonObject, at: Date) => JsonObject) | undefined;
  /** Holds what the owner holds while it writes. The file is read again inside. */
  readonly guard?: ((write: () => Promise<void>, context: ProviderContext) => Promise<void>) | undefined;
};

/** What the file holds now. */
export type Credential = {
  /** With symbolic links followed. */
  readonly path: string;
  readonly text: string;
  readonly json: JsonObject;
  readonly access: string;
  readonly refresh: string;
  readonly expiresAt: Date | undefined;
  /** How the file wrote an expiry that is no longer in it. */
  readonly expiryForm: unknown;
  readonly issuedAt: Date | undefined;
  readonly loginExpiresAt: Date | undefined;
  readonly fingerprint: string;
};

/** Why there is nothing to redeem. */
export type Absence = { readonly absent: 'file' | 'token' };

/** Such as the year 9999, which stands for "never": to wait for it would be to renew nothing. */
const NO_DATE_MS = Date.UTC(3_000, 0);

function dateAt(json: JsonObject, path: string | undefined): Date | undefined {
  const date = path === undefined ? undefined : readInstant(valueAt(json, path));
  return date && date.getTime() < NO_DATE_MS ? date : undefined;
}

/** Reads the file. What it holds is concealed from then on. */
export async function look(
  { file, paths }: TokenFile,
  context: InspectContext,
  wait?: Wait,
): Promise<Credential | Absence> {
  const found = await readJsonFile(context.files, file, wait);
  const facts = found && (await context.files.stat(file));
  if (!found || !facts) return { absent: 'file' };
  const { text, json } = found;
  const access = textAt(json, paths.access) ?? '';
  const refresh = textAt(json, paths.refresh);
  if (access) context.conceal(access);
  if (!refresh) return { absent: 'token' };
  context.conceal(refresh);
  const fingerprint = fingerprintOf(refresh, access);
  const own = await recallExpiry(context.files, facts.path, fingerprint);
  const jwt = readJwt(access);
  return {
    path: facts.path,
    text,
    json,
    access,
    refresh,
    fingerprint,
    expiresAt: own ? own.expiresAt : (dateAt(json, paths.expiresAt) ?? jwt?.expiresAt),
    expiryForm: own?.form,
    issuedAt: jwt?.issuedAt,
    loginExpiresAt: dateAt(json, paths.loginExpiresAt),
  };
}

/** Whether it is to be renewed now. One that never says when it ends is, at every tick; but not because someone just renewed it. */
export function isDue(source: TokenFile, credential: Credential, context: ProviderContext): boolean {
  if (context.force) return true;
  const due = source.dueAt
    ? source.dueAt(credential, context)
    : dueAt({ ...credential, last: context.last }, context.refreshBefore);
  return due === undefined ? context.reason !== 'changed' : context.now() >= due;
}
