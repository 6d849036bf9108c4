import type { Files } from '../files.ts';
import { fingerprintOf, readInstant, type JsonObject, type Wait } from './json-store.ts';
import { queryCopy, readDatabase, type Row, type SqlJs } from './sqlite-snapshot.ts';

/** A cookie as a browser has it on disk. */
export type BrowserCookie = {
  /** In tough-cookie's JSON; instead of a locked value, something that changes when it does. */
  readonly json: JsonObject & { readonly value: string };
  /** As the browser writes it: with a dot where it is meant for the hosts below too. */
  readonly host: string;
  /** The value, where it is locked. */
  readonly locked?: Uint8Array | undefined;
};

/** All cookies that might be sent to these hosts; undefined where there is no database. */
export async function readBrowser(
  files: Files, path: string, hosts: readonly string[], { isFirefox, sqlJs, wait }: { readonly isFirefox: boolean; readonly sqlJs: SqlJs; readonly wait: Wait },
): Promise<readonly BrowserCookie[] | undefined> {
  const bytes = await readDatabase(files, path, wait);
  if (!bytes) return undefined;
  const places = [...new Set(hosts.flatMap(placesFor))];
  const [table, column] = isFirefox ? ['moz_cookies', 'host'] : ['cookies', 'host_key'];
  const rows = await queryCopy(sqlJs, bytes, `SELECT * FROM ${table} WHERE ${column} IN (${places.map(() => '?').join()})`, places);
  return rows.filter(isPlain).map(isFirefox ? fromFirefox : fromChromium);
}

/** `a.b.c` itself, and `.a.b.c`, `.b.c`, `.c`. */
const placesFor = (host: string): readonly string[] => [host, ...host.split('.').map((_label, at, labels) => `.${labels.slice(at).join('.')}`)];

/** Not one of a container, a private window, or a page within another site's. */
const isPlain = ({ originAttributes, top_frame_site_key: partition }: Row): boolean => !originAttributes && !partition;

const fromFirefox = (row: Row): BrowserCookie => {
  const host = textOf(row['host']);
  // Seconds, or in newer versions milliseconds.
  return { host, json: jsonOf(host, row, { key: row['name'], value: textOf(row['value']), secure: row['isSecure'], httpOnly: row['isHttpOnly'], end: readInstant(row['expiry']) }) };
};

/** Chromium counts microseconds from the year 1601. */
const chromiumTime = (microseconds: unknown): Date | undefined =>
  typeof microseconds === 'number' && microseconds > 0 ? new Date(Math.round(microseconds / 1_000) - 11_644_473_600_000) : undefined;

const fromChromium = (row: Row): BrowserCookie => {
  const host = textOf(row['host_key']);
  const encrypted = row['encrypted_value'];
  const locked = encrypted instanceof Uint8Array && encrypted.length > 0 ? encrypted : undefined;
  const value = locked ? fingerprintOf(Buffer.from(locked).toString('base64')) : textOf(row['value']);
  const json = jsonOf(host, row, { key: row['name'], value, secure: row['is_secure'], httpOnly: row['is_httponly'], end: chromiumTime(row['expires_utc']) });
  return { host, json, locked };
};

type Fields = { readonly key: unknown; readonly value: string; readonly secure: unknown; readonly httpOnly: unknown; readonly end: Date | undefined };

const jsonOf = (host: string, { path }: Row, { key, value, secure, httpOnly, end }: Fields) => ({
  key, value, path, domain: host.replace(/^\./, ''), hostOnly: !host.startsWith('.'), secure: secure === 1, httpOnly: httpOnly === 1, expires: end?.toISOString() ?? 'Infinity',
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
