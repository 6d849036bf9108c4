import { isIP } from 'node:net';

/** What this program understands as the address of a database. */
export const isAddress = (text: string): boolean => /^postgres(ql)?:\/\/./.test(text) && URL.canParse(text);

/** Modes that the address may ask for. In all others, the certificate is verified. */
const UNVERIFIED: readonly string[] = ['disable', 'no-verify'];

/**
 * The address with the TLS that it asks for. Without `sslmode`, certificates are verified, but on a way that does not
 * leave this machine. `host` is where it leads, because a parameter or the environment may name another host.
 */
export function withTls(text: string, host: string): string {
  const url = new URL(text);
  const { searchParams: params } = url;
  const mode = params.getAll('sslmode').at(-1);
  if (mode === undefined && isLocal(host)) return text;
  // Its modes of the same names would verify less than this says.
  params.delete('uselibpqcompat');
  params.set('sslmode', mode !== undefined && UNVERIFIED.includes(mode) ? mode : 'verify-full');
  return url.href;
}

/** A socket of this machine, or an address that only this machine has. A name such as `127.example.com` is none. */
const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** The secrets in an address, in all forms in which a program may show them. */
export function secretsOf(text: string): readonly string[] {
  const { password, searchParams } = new URL(text);
  const found = [password, ...searchParams.getAll('password'), ...searchParams.getAll('sslpassword')];
  return [...new Set(found.flatMap(secret => [secret, decoded(secret)]))].filter(secret => secret !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
