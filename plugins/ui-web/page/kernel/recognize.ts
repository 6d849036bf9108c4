/** By this key, and with no cookie, this page and its daemon recognize each other. It is in this page's memory only. */
type PageKey = { readonly id: string; readonly key: CryptoKey };

/** Something answers at this page's address that is not its daemon. */
export class Stranger extends Error {
  override readonly name = 'Stranger';
}

/** A daemon answers but does not know this browser, or does not let it in any more. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const encoder = new TextEncoder();
let known: Promise<PageKey> | undefined;

/**
 * Has the daemon prove that it is the one that this page belongs to, and returns this page's own proof. Until then
 * nothing secret is sent: while no daemon runs, another program may have its port.
 */
export async function proveEachOther(): Promise<string> {
  const { id, key } = await (known ??= fetchKey().catch((error: unknown) => {
    known = undefined;
    throw error;
  }));
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const answer = await fetch(`/proof?page=${id}&nonce=${nonce}`, {
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });
  const [serverNonce = '', proof = ''] = (await answer.text()).split('.', 2);
  const sign = async (side: string) => {
    const text = `keepalive.v1 ${side} 127.0.0.1:${location.port || 80} ${nonce} ${serverNonce}`;
    return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))));
  };
  if (proof !== (await sign('server'))) throw new Stranger('Another program answers here.');
  return `${nonce}.${serverNonce}.${await sign('client')}`;
}

async function fetchKey(): Promise<PageKey> {
  const answer = await fetch('key', { cache: 'no-store' });
  if (answer.status === 401) throw new Refused('The daemon does not know this browser.');
  const { id, key }: { readonly id: string; readonly key: string } = await answer.json();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return { id, key: await crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, ['sign']) };
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
