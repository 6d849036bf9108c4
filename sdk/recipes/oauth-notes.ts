import type { Files } from '../files.ts';
import type { ProviderContext } from '../provider.ts';
import { fingerprintOf, parseObject, readInstant, type JsonObject } from './json-store.ts';

/** That a refresh token was sent, and what came back for it. Both are written down before anything else happens. */
export type SentNote = {
  /** The fingerprint of the refresh token. */
  readonly sent: string;
  readonly at: Date;
  /** Missing while there is no answer. */
  readonly reply?: JsonObject | undefined;
};

/** A note of a token that is being sent. */
export type SendingNote = {
  /** Adds what came back, and when. */
  readonly answered: (reply: JsonObject, at: Date) => Promise<void>;
  readonly close: () => Promise<void>;
};

const sentKey = (path: string) => `sent:${path}`;
const expiryKey = (path: string) => `expiry:${path}`;

/** What is noted of this very token; a note of one that is no longer in the file is of no use to anybody. */
export async function recallSent(files: Files, path: string, refresh: string): Promise<SentNote | undefined> {
  const [sent, answered] = (await files.journal.read(sentKey(path)) ?? '').split('\n').map(parseObject);
  const at = readInstant(answered?.['at'] ?? sent?.['at']);
  if (!sent || !at || sent['sent'] !== fingerprintOf(refresh)) return undefined;
  const reply = answered?.['reply'];
  return { sent: sent['sent'], at, reply: typeof reply === 'object' && reply !== null ? reply as JsonObject : undefined };
}

/** Notes that the token is about to be sent. */
export async function noteSent({ journal }: Files, path: string, refresh: string, at: Date): Promise<SendingNote> {
  const note = await journal.begin(sentKey(path), JSON.stringify({ sent: fingerprintOf(refresh), at: at.getTime() }));
  return { close: note.close, answered: (reply, at) => note.add(JSON.stringify({ reply, at: at.getTime() })) };
}

export const forgetSent = (context: ProviderContext, path: string): Promise<void> =>
  context.files.journal.remove(sentKey(path)).catch(warnOf(context));

/** Notes are a second safety: where one cannot be written, the work goes on. */
export const warnOf = ({ log }: ProviderContext) => (error: unknown): void =>
  log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'a note could not be written');

/** The expiry of a credential whose file has no place for it: `expiresAt` is missing where the vendor did not say. */
export async function recallExpiry(files: Files, path: string, fingerprint: string): Promise<{ readonly expiresAt?: Date | undefined } | undefined> {
  const note = parseObject(await files.journal.read(expiryKey(path)) ?? '');
  return note?.['fingerprint'] === fingerprint ? { expiresAt: readInstant(note['expiresAt']) } : undefined;
}

export const noteExpiry = (files: Files, path: string, fingerprint: string, expiresAt: Date | undefined): Promise<void> =>
  files.journal.write(expiryKey(path), JSON.stringify({ fingerprint, expiresAt: expiresAt?.getTime() }));
