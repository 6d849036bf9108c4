import type { Files } from '../files.ts';
import { fingerprintOf, parseObject, readInstant, type JsonObject } from './json-store.ts';

/** That a refresh token was sent, and what came back for it. Written down before anything else happens. */
export type SentNote = {
  /** The fingerprint of the refresh token. */
  readonly sent: string;
  readonly at: Date;
  /** Missing while there is no answer. */
  readonly reply?: JsonObject | undefined;
};

const sentKey = (path: string) => `sent:${path}`;
const expiryKey = (path: string) => `expiry:${path}`;

/** What is noted of this very token; a note of one that is no longer in the file is of no use to anybody. */
export async function recallSent(files: Files, path: string, refresh: string): Promise<SentNote | undefined> {
  const note = parseObject(await files.journal.read(sentKey(path)) ?? '');
  const at = readInstant(note?.['at']);
  if (!note || !at || note['sent'] !== fingerprintOf(refresh)) return undefined;
  const reply = note['reply'];
  return { sent: note['sent'], at, reply: typeof reply === 'object' && reply !== null ? reply as JsonObject : undefined };
}

export const noteSent = (files: Files, path: string, { at, ...note }: SentNote): Promise<void> =>
  files.journal.write(sentKey(path), JSON.stringify({ ...note, at: at.getTime() }));

export const forgetSent = (files: Files, path: string): Promise<void> => files.journal.remove(sentKey(path));

/** The expiry of a credential whose file has no place for it: `expiresAt` is missing where the vendor did not say. */
export async function recallExpiry(files: Files, path: string, fingerprint: string): Promise<{ readonly expiresAt?: Date | undefined } | undefined> {
  const note = parseObject(await files.journal.read(expiryKey(path)) ?? '');
  return note?.['fingerprint'] === fingerprint ? { expiresAt: readInstant(note['expiresAt']) } : undefined;
}

export const noteExpiry = (files: Files, path: string, fingerprint: string, expiresAt: Date | undefined): Promise<void> =>
  files.journal.write(expiryKey(path), JSON.stringify({ fingerprint, expiresAt: expiresAt?.getTime() }));
