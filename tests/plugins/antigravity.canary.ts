import type { Canary } from '../support/canary/canary-world.ts';

const canary: Canary = ({ touched }) =>
  touched({
    name: 'antigravity',
    place: suffix => [`.a${suffix}/.gemini/antigravity-cli/antigravity-oauth-token`, { home: `~/.a${suffix}` }],
    text(mark, expiry) {
      const token = {
        access_token: `CANARY-agy-${mark}`,
        refresh_token: 'CANARY-agy-refresh',
        expiry: new Date(expiry).toISOString(),
      };
      return `go-keyring-base64:${Buffer.from(JSON.stringify({ token })).toString('base64')}`;
    },
    // An unproven program is only watched after a failure.
    broken: 'fresh',
  });
export default canary;
