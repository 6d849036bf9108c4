import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { dueAt } from '../store/lifetime.ts';
import { readJwt } from '../store/lifetime.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  type JsonObject,
  type Wait,
} from '../store/json-store.ts';
import type { Absence, Credential, TokenFile } from './token-file.ts';
import { recallExpiry } from './journal-notes.ts';

/** Later dates, such as the year 9999, mean "never". They count as unknown, so that the token is still renewed. */
const NO_DATE_MS = Date.UTC(3_000, 0);

function dateAt(json: JsonObject, path: string | undefined): Date | undefined {
  const date = path === undefined ? undefined : readInstant(valueAt(json, path));
  return date && date.getTime() < NO_DATE_MS ? date : undefined;
}

/** Reads the file, and conceals the tokens in it. */
export async function readCredential(
  { file, paths }: TokenFile,
  context: InspectContext,
  wait?: Wait,
): Promise<Credential | Absence> {
  const [found, facts] = await Promise.all([readJsonFile(context.files, file, wait), context.files.stat(file)]);
  if (!found || !facts) return { absent: 'file', path: context.files.resolve(file), text: '', json: {} };
  const { text, json } = found;
  const { path } = facts;
  const access = textAt(json, paths.access) ?? '';
  const refresh = textAt(json, paths.refresh);
  if (access) context.conceal(access);
  if (!refresh) return { absent: 'token', path, text, json };
  context.conceal(refresh);
  const fingerprint = fingerprintOf(refresh, access);
  const own = await recallExpiry(context.files, path, fingerprint);
  const jwt = readJwt(access);
  return {
    path,
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

/**
 * Whether the clock was set back since the last attempt. An expiry that was computed from a lifetime then comes sooner
 * than it says. Only the vendor's own clock is in a JWT.
 */
const mayComeSooner = ({ expiresAt, issuedAt }: Credential, { last, now }: ProviderContext): boolean =>
  expiresAt !== undefined && issuedAt === undefined && last !== undefined && last.at > now();

/** Whether to renew it now. Without a known expiry, it is due at each tick, but not after a change of the file. */
export function isDue(source: TokenFile, credential: Credential, context: ProviderContext): boolean {
  if (context.force || (!source.dueAt && mayComeSooner(credential, context))) return true;
  const due = source.dueAt
    ? source.dueAt(credential, context)
    : dueAt({ ...credential, last: context.last }, context.refreshBefore);
  return due === undefined ? context.reason !== 'changed' : context.now() >= due;
}
