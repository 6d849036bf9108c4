import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { listen } from '../daemon/listen.ts';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Undefined if there is none, or none that is JSON. */
  readonly json: unknown;
};

export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** An answer that a test sets for the next request: a reply, no reply at all, or a broken connection. */
export type Scripted = Reply | 'silence' | 'break';

export type WireServer = {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Answers of the next requests, in order. They change nothing in the channel. */
  readonly script: Scripted[];
};

/** A server of a channel. It records what it is asked, and answers as scripted or as the channel does. */
export async function wireServer(answer: (asked: Asked) => Reply): Promise<WireServer> {
  const asked: Asked[] = [];
  const script: Scripted[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const one = { method: request.method ?? '', path, query, headers: request.headers, json: parsed(text) };
    asked.push(one);
    const next = script.shift() ?? answer(one);
    if (next === 'silence') return;
    if (next === 'break') return void request.socket.destroy();
    const { status = 200, headers = {}, body = {} } = next;
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    response.end(status === 204 ? undefined : isText ? body : JSON.stringify(body));
  });
  return { url: await listen(server), asked, script };
}

/** Whether a body has exactly the form of the documentation. */
export const conforms = <T>(schema: z.ZodType<T>, body: unknown): body is T => schema.safeParse(body).success;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
