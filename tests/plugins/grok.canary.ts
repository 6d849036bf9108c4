import type { Canary } from '../support/canary/canary-world.ts';
import { grokLogin } from '../support/vendors/grok-login.ts';

const HOUR = 3_600_000;

const canary: Canary = ({ email, touched }) =>
  touched({
    name: 'grok',
    place: suffix => [`.grok${suffix}/auth.json`, { home: `~/.grok${suffix}` }],
    text: (mark, expiry) =>
      grokLogin({
        access: `CANARY-grok-access-${mark}`,
        refresh: `CANARY-grok-refresh-${mark}`,
        issuedAt: expiry - 6 * HOUR,
        expiresAt: expiry,
        email,
      }),
    // A grok that does not say why it failed may have met an outage.
    broken: 'deferred',
  });
export default canary;
