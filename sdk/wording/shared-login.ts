import { signInCommand } from './sign-in-advice.ts';

/** How to end the sharing of one login, for the session that waits. */
export function signInSeparately(id: string, holder: string, isSpent: boolean): string {
  const then = isSpent ? '' : ` If "${holder}" waits after that, sign in again for "${holder}" too.`;
  return (
    `Sign in separately for "${id}" with \`${signInCommand(id)}\`, or delete its copy of the login and remove it ` +
    `from the configuration.${then} Do not sign out of either: that can end both.`
  );
}
