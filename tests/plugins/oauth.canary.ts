import type { Canary, CanarySession } from '../support/canary/canary-world.ts';

const canary: Canary = ({ vendors: { good, broken }, email, soon }) => {
  const stored = (name: string) =>
    JSON.stringify({
      access_token: `CANARY-${name}-access`,
      refresh_token: `CANARY-${name}-refresh`,
      expires_at: soon,
      email,
    });
  const oauth = (id: string, tokenEndpoint: string, outcome: string): CanarySession => ({
    id,
    outcome,
    files: { [`${id}.json`]: stored(id) },
    entry: [
      'oauth',
      {
        id,
        file: `~/${id}.json`,
        tokenEndpoint,
        clientId: 'client',
        clientSecret: 'CANARY-client-secret',
        headers: { 'x-api-key': 'CANARY-header' },
        paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      },
    ],
  });
  return [oauth('acme', good.url, 'refreshed'), oauth('broken', broken.url, 'failed')];
};
export default canary;
