import { createDecipheriv } from 'node:crypto';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { parseObject, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';

// Seen in the code of droid 0.225.2. It encrypts its credential with AES-256-GCM. The key is in a file beside it or,
// for the other names, in a keyring. Droid looks for these others first.
export const STORE = 'auth.v2.file';
export const KEY = 'auth.v2.key';
const IN_KEYRING = ['auth.v2.keyring', 'auth.v2.loginkeychain'];

const READS = 5;
const BETWEEN_READS_MS = 50;

/** The file of a credential whose key is in a keyring. Undefined if there is none. */
export async function findInKeyring(folder: string, { files }: InspectContext): Promise<string | undefined> {
  for (const path of IN_KEYRING.map(name => join(folder, name))) if (await files.stat(path)) return path;
  return undefined;
}

/** Decrypts the credential in droid's folder. Undefined if there is none. Throws if it cannot be decrypted. */
export async function readStore(
  folder: string,
  { files, conceal }: InspectContext,
  wait: Wait,
): Promise<JsonObject | undefined> {
  const path = join(folder, STORE);
  for (let reads = 0; ; reads++) {
    const [text, key] = [await files.read(path), await files.read(join(folder, KEY))];
    if (text === undefined) return undefined;
    if (key) conceal(key.trim());
    const json = key === undefined ? undefined : parseObject(decrypt(text, key) ?? '');
    if (json) return json;
    // A new sign-in may be replacing both files.
    if (reads === READS) throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'it cannot be decrypted' });
    await wait(BETWEEN_READS_MS);
  }
}

/** Undefined if it is not the text of a store, or not with this key. */
function decrypt(text: string, key: string): string | undefined {
  const [iv, tag, secret] = text.trim().split(':').map(fromBase64);
  if (!iv || !tag || !secret) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', fromBase64(key), iv, { authTagLength: 16 }).setAuthTag(tag);
    return Buffer.concat([decipher.update(secret), decipher.final()]).toString();
  } catch {
    return undefined; // A key or text of a wrong size, or another key.
  }
}

const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');
