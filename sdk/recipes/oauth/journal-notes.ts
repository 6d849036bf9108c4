import { isUtf8 } from 'node:buffer';
import type { Files } from '../../plugin/files.ts';
import type { ProviderContext } from '../../plugin/provider.ts';
import { fingerprintOf, parseObject, type JsonObject } from '../store/json-store.ts';
import type { TokenResponse } from './reply.ts';

/** The complete answer to a refresh token: a later version may understand more of it. */
export type ResponseNote = {
  readonly at: Date;
  readonly answer: TokenResponse;
  /** An earlier request with the same token was not answered. */
  readonly isLost: boolean;
};

/** That a refresh token was sent, and what came back for it. Both are written down before anything else happens. */
export type SentNote = {
  /** The fingerprint of the refresh token. */
  readonly sent: string;
  readonly at: Date;
  /** Missing while there is no answer. */
  readonly answered?: ResponseNote | undefined;
};

/** A note of a token that is being sent. */
export type SendingNote = {
  /** Adds what came back. */
  readonly answered: (answered: ResponseNote) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** By the token: its file may be moved or renamed while only the journal has the successor. */
const sentKey = (fingerprint: string) => `sent:${fingerprint}`;
/** The first version noted it by the path. */
const formerKey = (path: string) => `sent:${path}`;
const expiryKey = (path: string) => `expiry:${path}`;

/** What is noted of this token. */
export async function recallSent(files: Files, path: string, refresh: string): Promise<SentNote | undefined> {
  const fingerprint = fingerprintOf(refresh);
  const text = (await files.journal.read(sentKey(fingerprint))) ?? (await files.journal.read(formerKey(path))) ?? '';
  const [sent, answered] = text.split('\n').map(lineOf);
  const at = timeOf(sent?.['at']);
  if (!sent || !at || sent['sent'] !== fingerprint) return undefined;
  return { sent: fingerprint, at, answered: answered && answerOf(answered) };
}

/** Notes that the token is about to be sent. */
export async function noteSent({ journal }: Files, refresh: string, at: Date): Promise<SendingNote> {
  const sent = fingerprintOf(refresh);
  const note = await journal.begin(sentKey(sent), JSON.stringify({ sent, at: at.getTime() }));
  return { close: note.close, answered: answered => note.add(JSON.stringify(lineFor(answered))) };
}

/** As text if it is text, which takes less room than base64. */
function lineFor({ at, isLost, answer: { bytes, end, status, type, retryAfter, location } }: ResponseNote): JsonObject {
  const raw = Buffer.from(bytes);
  const body = isUtf8(raw) ? { text: raw.toString('utf8') } : { base64: raw.toString('base64') };
  return { answer: { ...body, end, status, type, retryAfter, location }, at: at.getTime(), isLost };
}

/** The first version noted only the parsed reply. */
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

/** Our notes are in milliseconds, however small the number. */
const timeOf = (value: unknown): Date | undefined => (typeof value === 'number' ? new Date(value) : undefined);

/** Not by `parseObject`: a line may be a megabyte, and its numbers are ours. */
function lineOf(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets what was noted of a token, by its fingerprint, and of whatever was sent from the path before. */
export async function forgetSent(context: ProviderContext, path: string, sent: string): Promise<void> {
  for (const key of [sentKey(sent), formerKey(path)]) await context.files.journal.remove(key).catch(warnOf(context));
}

/** Notes are a second safety: where one cannot be written, the work goes on. */
export const warnOf =
  ({ log }: ProviderContext) =>
  (error: unknown): void =>
    log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'a note could not be written');

/** What the file of a credential does not say. */
export type NotedExpiry = {
  /** Missing where the vendor did not say. */
  readonly expiresAt?: Date | undefined;
  /** The value in the file before it was removed: the next one is written in the same form. */
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
