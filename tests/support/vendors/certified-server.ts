import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { listen } from '../daemon/listen.ts';

const SCOPE = 'openid offline_access';
const CLIENT = {
  client_id: 'client',
  client_secret: 'client-secret',
  token_endpoint_auth_method: 'client_secret_post',
};

/** A certified OpenID provider on loopback: refresh tokens rotate, and reuse revokes the grant. */
export async function certifiedServer() {
  const server = createServer();
  const issuer = await listen(server);
  const provider = new Provider(issuer, {
    clients: [
      { ...CLIENT, redirect_uris: [`${issuer}/callback`], grant_types: ['authorization_code', 'refresh_token'] },
    ],
    features: { devInteractions: { enabled: false } },
    rotateRefreshToken: true,
    ttl: { AccessToken: 3_600, Grant: 86_400, IdToken: 3_600, RefreshToken: 86_400 },
  });
  const counts = { renewed: 0, refused: 0 };
  provider.on('grant.success', () => counts.renewed++);
  provider.on('grant.error', () => counts.refused++);
  server.on('request', provider.callback());

  /** The tokens that a sign-in in the browser would return. */
  async function signIn(): Promise<string> {
    const grant = new provider.Grant({ accountId: 'someone', clientId: CLIENT.client_id });
    grant.addOIDCScope(SCOPE);
    const grantId = await grant.save();
    const client = await provider.Client.find(CLIENT.client_id);
    const now = Math.floor(Date.now() / 1_000);
    return new provider.RefreshToken({
      accountId: 'someone',
      client,
      grantId,
      scope: SCOPE,
      authTime: now,
      iiat: now,
      gty: 'authorization_code',
      rotations: 0,
    }).save();
  }

  return {
    tokenEndpoint: `${issuer}/token`,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    counts,
    signIn,
  };
}
