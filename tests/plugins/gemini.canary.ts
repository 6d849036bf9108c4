import type { Canary } from '../support/canary/canary-world.ts';
import { jwt } from '../support/vendors/tokens.ts';

const canary: Canary = ({ real, email, ended, touched }) => {
  const program = real('gemini');
  const text = (mark: string, expiry: number) =>
    JSON.stringify({
      access_token: `ya29.CANARY-${mark}`,
      refresh_token: '1//CANARY-google-refresh',
      id_token: jwt({ email }),
      token_type: 'Bearer',
      scope: 'x',
      expiry_date: expiry,
    });
  const files = {
    '.gemini/oauth_creds.json': text('0', ended),
    '.gemini/google_accounts.json': JSON.stringify({ active: email, old: [] }),
    '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'oauth-personal' } } }),
  };
  return [
    ...(program ? [{ id: 'gemini', entry: ['gemini', { program }], outcome: 'refreshed', files }] : []),
    ...touched({
      name: 'gemini',
      isReal: program !== undefined,
      place: suffix => [`.g${suffix}/.gemini/oauth_creds.json`, { home: `~/.g${suffix}` }],
      text,
      // gemini does not report an outage, so its silence is not counted.
      broken: 'offline',
    }),
  ];
};
export default canary;
