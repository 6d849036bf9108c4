import type { Files } from '../../plugin/files.ts';
import type { BrowserName } from './browser-profile.ts';
import { fingerprintOf, readInstant, type JsonObject, type Wait } from '../store/json-store.ts';
import { queryCopy, readDatabase, type Row, type SqlJs } from './sqlite-snapshot.ts';

/** A cookie in a browser's database. */
export type BrowserCookie = {
  /** The format of tough-cookie. An encrypted value is replaced by its hash. */
  readonly json: JsonObject;
  /** As in the database: with a leading dot if the cookie is for subdomains too. */
  readonly host: string;
  /** The value, if it is encrypted. */
  readonly locked?: Uint8Array | undefined;
};

type Database = { readonly browser: BrowserName; readonly path: string; readonly sqlJs: SqlJs };

/** The cookies that may be sent to these hosts; undefined if there is no database. */
export async function readBrowser(
  files: Files,
  { browser, path, sqlJs }: Database,
  hosts: readonly string[],
  wait: Wait,
): Promise<readonly BrowserCookie[] | undefined> {
  const bytes = await readDatabase(files, path, wait);
  if (!bytes) return undefined;
  const { table, column, read } = browser === 'firefox' ? FIREFOX : CHROMIUM;
  const places = [...new Set(hosts.flatMap(placesFor))];
  // Hosts are plain text. If none of ours is in the file, there is no need to open the database.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!places.some(place => text.includes(place))) return [];
  const rows = await queryCopy(
    sqlJs,
    bytes,
    `SELECT * FROM ${table} WHERE ${column} IN (${places.map(() => '?').join()})`,
    places,
  );
  return rows.filter(isPlain).map(read);
}

/** For `a.b.c`: `a.b.c`, `.a.b.c` and `.b.c`. No browser accepts a cookie for `.c`. */
const placesFor = (host: string): readonly string[] => [
  host,
  ...host
    .split('.')
    .map((_label, at, labels) => `.${labels.slice(at).join('.')}`)
    .filter((place, at) => at === 0 || place.lastIndexOf('.') > 0),
];

/** Excludes cookies of containers, private windows and embedded pages. */
const isPlain = ({ originAttributes, top_frame_site_key: partition }: Row): boolean => !originAttributes && !partition;

const FIREFOX = {
  table: 'moz_cookies',
  column: 'host',
  read(row: Row): BrowserCookie {
    const host = textOf(row['host']);
    // Seconds, or in newer versions milliseconds.
    const expires = dateIn(readInstant(row['expiry']));
    const flags = { secure: row['isSecure'] === 1, httpOnly: row['isHttpOnly'] === 1 };
    const creation = dateIn(microseconds(row['updateTime'] ?? row['creationTime']));
    return { host, json: { ...placeOf(host, row), ...flags, value: row['value'], expires, creation } };
  },
};

const CHROMIUM = {
  table: 'cookies',
  column: 'host_key',
  read(row: Row): BrowserCookie {
    const [host, encrypted] = [textOf(row['host_key']), row['encrypted_value']];
    const locked = encrypted instanceof Uint8Array && encrypted.length > 0 ? encrypted : undefined;
    const value = locked ? fingerprintOf(Buffer.from(locked).toString('base64')) : row['value'];
    const expires = dateIn(chromiumTime(row['expires_utc']));
    const flags = { secure: row['is_secure'] === 1, httpOnly: row['is_httponly'] === 1 };
    const creation = dateIn(chromiumTime(row['last_update_utc'] ?? row['creation_utc']));
    return { host, locked, json: { ...placeOf(host, row), ...flags, value, expires, creation } };
  },
};

const placeOf = (host: string, { name, path }: Row) => ({
  key: name,
  path,
  domain: host.replace(/^\./, ''),
  hostOnly: !host.startsWith('.'),
});

const microseconds = (count: unknown, epoch = 0): Date | undefined =>
  typeof count === 'number' && count > 0 ? new Date(Math.round(count / 1_000) + epoch) : undefined;

/** Chromium counts microseconds from the year 1601. */
const chromiumTime = (count: unknown): Date | undefined => microseconds(count, -11_644_473_600_000);

/** The format of tough-cookie. */
const dateIn = (date: Date | undefined): string => date?.toISOString() ?? 'Infinity';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
