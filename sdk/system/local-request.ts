import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

// Checks of a server on loopback that everything that listens there shares.

/** The origins that local files and other pages without one send. */
const OPAQUE = ['null', 'file://'];

/**
 * Whether a request has a foreign Host or Origin. Checked before anything else, and compared as whole strings: any web
 * page can send requests to loopback.
 */
export function isForeign(request: IncomingMessage, port: number, opaque: 'refused' | 'allowed' = 'refused'): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host) || countOf(request, 'host') !== 1) return true;
  if (origin === undefined || hosts.some(own => origin === `http://${own}`)) return false;
  return opaque === 'refused' || !OPAQUE.includes(origin);
}

const countOf = ({ rawHeaders }: IncomingMessage, name: string): number =>
  rawHeaders.filter(
    (header, index) => index % 2 === 0 && header.length === name.length && header.toLowerCase() === name,
  ).length;

/** Compares in constant time, for any lengths. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
