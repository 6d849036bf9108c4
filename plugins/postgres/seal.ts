import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const MIN_KEY_BYTES = 16;
/** A shorter one would be easier to guess. */
const TAG_BYTES = 16;

/** What leaves the machine, made unreadable for the database. */
export type Seal = {
  /** Identifies a login or a store. Two machines with the same key name it alike, and no other can. */
  readonly mark: (kind: 'login' | 'store', value: string) => string;
  /** The same for all machines with this key. */
  readonly check: string;
  /** Encrypts what one machine sends another. */
  readonly close: (content: unknown) => string;
  /** Throws if it was sealed with another key, or changed. */
  readonly open: (sealed: string) => unknown;
};

/** Throws a `RangeError` if the key is too short. */
export function sealWith(secret: string): Seal {
  const text = secret.trim();
  if (Buffer.byteLength(text) < MIN_KEY_BYTES) throw new RangeError('the key is too short');
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', text, '', `session-keepalive fleet ${purpose}`, 32));
  const [marks, letters] = [derive('marks'), derive('letters')];
  const mark = (kind: string, value: string) =>
    createHmac('sha256', marks).update(`${kind}\n${value}`).digest('base64url');
  return {
    mark,
    check: mark('check', ''),
    close(content) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', letters, nonce, { authTagLength: TAG_BYTES });
      const body = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', letters, bytes.subarray(0, 12), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(12, 12 + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(12 + TAG_BYTES)), decipher.final()]).toString('utf8');
      return JSON.parse(text);
    },
  };
}
