import type { Canary } from '../support/canary/canary-world.ts';
import { DROID_KEY, droidLogin } from '../support/vendors/droid-login.ts';

const canary: Canary = ({ email, touched }) =>
  touched({
    name: 'droid',
    place: suffix => [`.droid${suffix}/.factory/auth.v2.file`, { home: `~/.droid${suffix}` }],
    text: (mark, expiry) => droidLogin(expiry, mark, email),
    // Droid does not report an outage.
    broken: 'deferred',
  }).map(session => ({
    ...session,
    files: { ...session.files, [`.${session.id}/.factory/auth.v2.key`]: DROID_KEY },
  }));
export default canary;
