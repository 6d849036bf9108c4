type Login = { readonly expiresAt?: number; readonly port?: number };

/** A configuration with one session. Its login is good for a day, so that nothing is asked of a server. */
export function goodLogin(id = 'acme', { expiresAt = Date.now() + 86_400_000, port = 9 }: Login = {}) {
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' };
  const options = { id, file: 'token.json', tokenEndpoint: `http://127.0.0.1:${port}/token`, clientId: id, paths };
  return {
    'token.json': JSON.stringify({ access_token: 'a', refresh_token: 'r', expires_at: expiresAt }),
    'keepalive.config.json': JSON.stringify({ plugins: [['oauth', options]] }),
  };
}
