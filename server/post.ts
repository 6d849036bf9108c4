import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PendingConnections } from '../sdk/system/pending-connections.ts';
import { parse, type Message } from './channel.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';

/** A page of another origin cannot send this type without asking first, and the answer to that is a refusal. */
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;

const HEADERS = {
  connection: 'close',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

export type Answering = {
  /** Resolves with the text of the answer; undefined if the message needs none. */
  readonly answer: (message: Message) => Promise<string | undefined>;
  readonly pending: Pick<PendingConnections, 'add' | 'delete'>;
};

/** Answers one message that an authorized client has sent as the body of a request. */
export async function answerPost(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, pending }: Answering,
): Promise<void> {
  if (!isJson(request)) return sendEmpty(response, 415);
  const body = await bodyOf(request);
  if (!body) return sendEmpty(response, 413);
  // A call may take minutes. Before and after it, the client has seconds to send and to read.
  pending.delete(request.socket);
  const text = await answer(isUtf8(body) ? parse(body.toString()) : undefined);
  if (request.socket.destroyed) return;
  pending.add(request.socket);
  if (text === undefined) return sendEmpty(response, 204);
  const headers = { ...HEADERS, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(200, headers).end(text);
}

/** Answers with a status alone. */
export function sendEmpty(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}) {
  response.writeHead(status, { ...HEADERS, ...headers }).end();
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  JSON_TYPE.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;

/** Undefined if it is too large. It is read to its end, because a client that is still sending reads no answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_MESSAGE_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return length <= MAX_MESSAGE_BYTES ? Buffer.concat(chunks) : undefined;
}
