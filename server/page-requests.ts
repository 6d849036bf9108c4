import type { IncomingMessage } from 'node:http';

/** Where the form in a link file posts its code. */
const FORM_PATH = '/open/';
const MAX_FORM_BYTES = 128;

/** A form from a link file. Only its code authenticates it, because all files have the same opaque origin. */
export const isForm = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === FORM_PATH;

/** Whether a page of another origin makes the request. */
export function isFromElsewhere({ headers: { 'sec-fetch-site': site = 'none' } }: IncomingMessage): boolean {
  return site !== 'none' && site !== 'same-origin';
}

/** The code of a form. Undefined if the body is not a code. */
export async function codeIn(request: IncomingMessage): Promise<string | undefined> {
  if (!(Number(request.headers['content-length']) <= MAX_FORM_BYTES)) return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('latin1')) text += chunk;
  return /^code=([\w-]{1,100})$/.exec(text)?.[1];
}
