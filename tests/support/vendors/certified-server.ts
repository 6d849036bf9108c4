import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { listen } from '../daemon/listen.ts';

const SCOPE = 'openid offline_access';
const CLIENT = {
  client_id: 'client',
  client_secret: 'client-secret',
  token_endpoint_auth_method: 'client_secret_post',
};

const nowInSeconds = (): number => Math.floor(Date.now() / 1_000);

/** A certified OpenID provider on loopback: refresh tokens rotate, and reuse revokes the grant. */
export async function certifiedServer() {
  const server = createServer();
  const issuer = await listen(server);
  const provider = new Provider(issuer, {
    clients: [
      {
        ...CLIENT,
        redirect_uris: [`${issuer}/callback`],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
    ],
    features: { devInteractions: { enabled: false }, deviceFlow: { enabled: true } },
    rotateRefreshToken: true,
    ttl: { AccessToken: 3_600, Grant: 86_400, IdToken: 3_600, RefreshToken: 86_400 },
  });
  const counts = { renewed: 0, refused: 0 };
  provider.on('grant.success', () => counts.renewed++);
  provider.on('grant.error', () => counts.refused++);
  server.on('request', provider.callback());

  async function grantTo(accountId: string): Promise<string> {
    const grant = new provider.Grant({ accountId, clientId: CLIENT.client_id });
    grant.addOIDCScope(SCOPE);
    return grant.save();
  }

  /** What a person does on the page where the code is entered. */
  async function decide(userCode: string, decision: { readonly accountId: string } | { readonly error: string }) {
    const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''));
    if (!code) throw new Error('There is no such code.');
    const isApproved = 'accountId' in decision;
    const approval = isApproved && {
      grantId: await grantTo(decision.accountId),
      scope: SCOPE,
      authTime: nowInSeconds(),
    };
    await Object.assign(code, decision, approval).save();
  }

  /** The tokens that a sign-in in the browser would return. */
  async function signIn(): Promise<string> {
    const grantId = await grantTo('someone');
    const client = await provider.Client.find(CLIENT.client_id);
    const now = nowInSeconds();
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
    deviceEndpoint: `${issuer}/device/auth`,
    scope: SCOPE,
    counts,
    signIn,
    decide,
  };
}
