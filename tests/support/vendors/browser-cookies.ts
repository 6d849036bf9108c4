import { createCipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { sqliteFile } from '../io/sqlite.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

/** A cookie, and how many minutes after the first of January 2026 it expires. */
export type Given = {
  readonly name?: string;
  readonly host?: string;
  readonly value?: string;
  readonly minutes?: number;
  /** Columns of the database. */
  readonly changes?: object;
};

export type Lock = {
  readonly password?: string;
  readonly rounds?: number;
  readonly lock?: string;
  readonly hashed?: boolean;
};

/** The database of Firefox. */
export const firefoxDb = (...given: readonly Given[]): Promise<Uint8Array> =>
  sqliteFile({
    moz_cookies: given.map(
      ({ name = 'sid', host = 'app.acme.test', value = 'CANARY-sid-1', minutes = 60, changes }) => ({
        name,
        value,
        host,
        path: '/',
        expiry: NOW + minutes * MINUTE,
        isSecure: 1,
        isHttpOnly: 1,
        originAttributes: '',
        ...changes,
      }),
    ),
  });

/** The database of Chromium and browsers based on it. */
export const chromeDb = (lock: Lock, ...given: readonly Given[]): Promise<Uint8Array> =>
  sqliteFile({
    cookies: given.map(({ name = 'sid', host = 'app.acme.test', value = 'CANARY-sid-1', minutes, changes }) => ({
      host_key: host,
      name,
      value: '',
      encrypted_value: locked(value, host, lock),
      path: '/',
      top_frame_site_key: '',
      is_secure: 1,
      is_httponly: 1,
      expires_utc: minutes === undefined ? 0 : (NOW + minutes * MINUTE + 11_644_473_600_000) * 1_000,
      ...changes,
    })),
  });

function locked(
  value: string,
  host: string,
  { password = 'peanuts', rounds = 1, lock = 'v10', hashed = true }: Lock = {},
): Uint8Array {
  const cipher = createCipheriv(
    'aes-128-cbc',
    pbkdf2Sync(password, 'saltysalt', rounds, 16, 'sha1'),
    Buffer.alloc(16, ' '),
  );
  const plain = Buffer.concat([
    hashed ? createHash('sha256').update(host).digest() : Buffer.alloc(0),
    Buffer.from(value),
  ]);
  return new Uint8Array(Buffer.concat([Buffer.from(lock), cipher.update(plain), cipher.final()]));
}
