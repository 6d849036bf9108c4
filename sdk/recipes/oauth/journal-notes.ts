import { isUtf8 } from 'node:buffer';
import type { Files } from '../../plugin/files.ts';
import type { InspectContext } from '../../plugin/provider.ts';
import { fingerprintOf, parseObject, type JsonObject } from '../store/json-store.ts';
import type { TokenResponse } from './reply.ts';

/** The complete response to a refresh token, because a later version may understand more of it. */
export type ResponseNote = {
  /**
   * From when a life in seconds counts: when the first request was sent, or when it was answered if the clock was set
   * back meanwhile. Earlier versions noted when it was answered.
   */
  readonly at: Date;
  readonly answer: TokenResponse;
  /** An earlier request with the same token got no response. */
  readonly isLost: boolean;
};

/** A refresh token that was sent, and the response. Each is stored before anything else happens. */
export type SentNote = {
  /** The fingerprint of the refresh token. */
  readonly sent: string;
  readonly at: Date;
  /** Missing until there is a response. */
  readonly answered?: ResponseNote | undefined;
};

/** The note of a token that is being sent. */
export type SendingNote = {
  /** Adds the response. */
  readonly answered: (answered: ResponseNote) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The key is the token, because its file may be moved while only the journal has the successor. */
const sentKey = (fingerprint: string) => `sent:${fingerprint}`;
/** The key of the first version. */
const formerKey = (path: string) => `sent:${path}`;
const expiryKey = (path: string) => `expiry:${path}`;

/** The note of this token. */
export async function recallSent(files: Files, path: string, refresh: string): Promise<SentNote | undefined> {
  const fingerprint = fingerprintOf(refresh);
  const text = (await files.journal.read(sentKey(fingerprint))) ?? (await files.journal.read(formerKey(path))) ?? '';
  const [sent, answered] = text.split('\n').map(lineOf);
  const at = timeOf(sent?.['at']);
  if (!sent || !at || sent['sent'] !== fingerprint) return undefined;
  return { sent: fingerprint, at, answered: answered && answerOf(answered) };
}

/** Stores that the token is about to be sent. */
export async function noteSent({ journal }: Files, refresh: string, at: Date): Promise<SendingNote> {
  const sent = fingerprintOf(refresh);
  const note = await journal.begin(sentKey(sent), JSON.stringify({ sent, at: at.getTime() }));
  return { close: note.close, answered: answered => note.add(JSON.stringify(lineFor(answered))) };
}

/** Text takes less room than base64. */
function lineFor({ at, isLost, answer: { bytes, end, status, type, retryAfter, location } }: ResponseNote): JsonObject {
  const raw = Buffer.from(bytes);
  const body = isUtf8(raw) ? { text: raw.toString('utf8') } : { base64: raw.toString('base64') };
  return { answer: { ...body, end, status, type, retryAfter, location }, at: at.getTime(), isLost };
}

/** The notes of the first version have only the parsed reply. */
function answerOf({ at, isLost, reply, ...line }: JsonObject): ResponseNote | undefined {
  const { answer = { text: JSON.stringify(reply) } } = line;
  const instant = timeOf(at);
  if (!instant || typeof answer !== 'object' || answer === null) return undefined;
  const { text, base64, end, status, ...headers }: JsonObject = { ...answer };
  const header = (name: string) => (typeof headers[name] === 'string' ? headers[name] : null);
  return {
    at: instant,
    isLost: isLost === true,
    answer: {
      bytes: typeof text === 'string' ? Buffer.from(text) : Buffer.from(String(base64), 'base64'),
      end: end === 'cut' || end === 'broken' ? end : 'whole',
      status: typeof status === 'number' ? status : 200,
      type: header('type'),
      retryAfter: header('retryAfter'),
      location: header('location'),
    },
  };
}

/** Our notes have milliseconds, however small the number is. */
const timeOf = (value: unknown): Date | undefined => (typeof value === 'number' ? new Date(value) : undefined);

/** Without `parseObject`: a line may have a megabyte, and its numbers are ours. */
function lineOf(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the note of a token, given by its fingerprint, and the note of the first version. */
export async function forgetSent(context: InspectContext, path: string, sent: string): Promise<void> {
  const keys = [sentKey(sent), formerKey(path)];
  await Promise.all(keys.map(key => context.files.journal.remove(key).catch(warnOf(context))));
}

/** Notes are a safety net. A note that cannot be written is logged, and the work goes on. */
export const warnOf =
  ({ log }: InspectContext) =>
  (error: unknown): void =>
    log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'a note could not be written');

/** An expiry that has no place in the credential's file. */
export type NotedExpiry = {
  /** Missing if the vendor did not give it. */
  readonly expiresAt?: Date | undefined;
  /** The value in the file before we removed it. The next one is written in the same form. */
  readonly form?: unknown;
};

export async function recallExpiry(files: Files, path: string, fingerprint: string): Promise<NotedExpiry | undefined> {
  const note = parseObject((await files.journal.read(expiryKey(path))) ?? '');
  if (note?.['fingerprint'] !== fingerprint) return undefined;
  return { expiresAt: timeOf(note['expiresAt']), form: note['form'] };
}

export function noteExpiry(files: Files, path: string, fingerprint: string, noted: NotedExpiry): Promise<void> {
  const { expiresAt, form } = noted;
  return files.journal.write(expiryKey(path), JSON.stringify({ fingerprint, expiresAt: expiresAt?.getTime(), form }));
}
