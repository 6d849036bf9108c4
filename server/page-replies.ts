import type { IncomingMessage, ServerResponse } from 'node:http';
import { notePage, type Note } from './note-page.ts';

/** The page can load only our own files, cannot be framed, and is not cached. */
const HEADERS = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

export const USED: Note = {
  title: 'This link does not work any more',
  text: 'It works once, and for a minute. For a new one, type in a terminal:',
};
export const CLOSED: Note = {
  title: 'This browser is not signed in',
  text: 'The settings page was closed, or not used for 12 hours. To open it, type in a terminal:',
};
export const GONE: Note = {
  title: 'This page is no longer served',
  text: 'The plugin that serves it does not run. To see why, type in a terminal:',
  command: 'keepalive plugin list',
};
export const UNREAD: Note = {
  title: 'The page cannot be read',
  text: 'The reason is in the log. To see it, type in a terminal:',
  command: 'keepalive logs',
};

export const sendJson = (response: ServerResponse, value: unknown): void =>
  send(response, 200, JSON.stringify(value), { 'content-type': 'application/json' });

/** Says to a person what to do: a small page for a browser, otherwise text. */
export function sendNote(request: IncomingMessage, response: ServerResponse, status: number, note: Note): void {
  const isForBrowser = request.headers.accept?.includes('text/html') ?? false;
  const { body, headers } = notePage(note, isForBrowser);
  send(response, status, request.method === 'HEAD' ? undefined : body, headers);
}

export function send(
  response: ServerResponse,
  status: number,
  body?: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  // Close refused connections.
  const refusal = status >= 400 && { connection: 'close' };
  response
    .writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...headers, ...refusal })
    .end(body);
}
