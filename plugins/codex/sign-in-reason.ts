import { printable } from '../../sdk/base/printable.ts';
import type { CodexHome } from './home.ts';

const UNREACHABLE = 'OpenAI could not be reached, or is down. Try again later';

/** Codex's messages, as far as they are known, and what they mean. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/device code login is not enabled/i, 'OpenAI does not let this account or workspace sign in with a code.'],
  [/unknown variant/i, 'This codex is too old to sign in with a code. Update it.'],
  [/login is disabled/i, 'The setting forced_login_method in its config.toml does not allow a ChatGPT account'],
  [/restricted to workspace/i, 'Its config.toml allows another workspace than that of the account'],
  [/timed out/i, 'The code has expired. Start the sign-in again'],
  [/keyring|secure storage|secret service/i, 'Codex could not write to the system keyring. Unlock it'],
  [/status 429/, 'OpenAI wants fewer requests. Try again later'],
  [/device auth failed with status 4/i, 'It was denied, or the code has expired. Start the sign-in again'],
  [/status 5\d\d|status 403|error sending request|expected value/i, UNREACHABLE],
];

const IN_BROWSER = ({ signIn }: CodexHome): string =>
  ` Sign in with a browser on the machine of the daemon instead. There you can also do it yourself: ${signIn}`;
const LONGEST = 200;

/** Why codex did not sign in, for the user. */
export function reasonOf(message: string, home: CodexHome): string {
  const known = REASONS.find(([pattern]) => pattern.test(message))?.[1];
  if (known?.endsWith('.')) return known + IN_BROWSER(home);
  if (known) return known;
  const text = printable(message)
    .replaceAll(/https?:\/\/\S+/g, '…')
    .slice(0, LONGEST);
  return text === '' ? 'Codex ended before the sign-in did' : `Codex reports: ${text}`;
}
