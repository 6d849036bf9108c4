import type { Canary } from '../support/canary/canary-world.ts';
import { jwt } from '../support/vendors/tokens.ts';

const canary: Canary = ({ email, touched }) =>
  touched({
    name: 'cursor',
    place: suffix => [`.cursor${suffix}/auth.json`, { home: `~/.cursor${suffix}` }],
    text: (mark, expiry) =>
      JSON.stringify({
        accessToken: jwt({ exp: Math.floor(expiry / 1_000), email, jti: `CANARY-${mark}` }),
        refreshToken: `CANARY-cursor-refresh-${mark}`,
      }),
    // An unproven program is only watched after a failure.
    broken: 'deferred',
  });
export default canary;
