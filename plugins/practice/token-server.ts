import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Tokens = { readonly access: string; readonly refresh: string };

export type TokenServer = {
  readonly url: string;
  /** Starts a family of tokens, like a sign-in. */
  readonly signIn: () => Tokens;
};

type Family = { current: string; revoked: boolean };

/** A token endpoint on loopback. A refresh token can be used once, and its reuse revokes the whole family. */
export async function startTokenServer(lifeSeconds: number): Promise<TokenServer> {
  const families = new Map<string, Family>();

  const mint = (name: string): Tokens => {
    const tokens = { access: randomBytes(24).toString('hex'), refresh: `${name}.${randomBytes(24).toString('hex')}` };
    families.set(name, { current: tokens.refresh, revoked: false });
    return tokens;
  };

  const redeem = (refresh: string): Tokens | undefined => {
    const name = refresh.split('.')[0] ?? '';
    const family = families.get(name);
    if (!family) return undefined;
    family.revoked ||= family.current !== refresh;
    return family.revoked ? undefined : mint(name);
  };

  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const tokens = form.get('grant_type') === 'refresh_token' ? redeem(form.get('refresh_token') ?? '') : undefined;
    response.writeHead(tokens ? 200 : 400, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(
      JSON.stringify(
        tokens
          ? {
              access_token: tokens.access,
              refresh_token: tokens.refresh,
              token_type: 'bearer',
              expires_in: lifeSeconds,
            }
          : { error: 'invalid_grant' },
      ),
    );
  });
  server.unref();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/token`, signIn: () => mint(randomBytes(6).toString('hex')) };
}
