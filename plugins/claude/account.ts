import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import { parseObject, textAt } from '../../sdk/recipes/store/json-store.ts';
import type { ClaudeHome } from './home.ts';
import { signInMark } from './keychain.ts';

/** The object that names the account. It may hold other objects. The rest of that file can be megabytes. */
const ACCOUNT = /"oauthAccount"\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/;

/** The account for display. The credential has the plan; claude writes the address beside it when the user signs in. */
export async function accountLabel(
  home: ClaudeHome,
  plan: string | undefined,
  context: InspectContext,
): Promise<string | undefined> {
  // Another credential may be in a folder for secrets only.
  const isOne = home.folder === home.settings.normalize('NFC');
  const text = isOne ? await context.files.read(signInMark(home, context)).catch(() => undefined) : undefined;
  const account = parseObject(ACCOUNT.exec(text ?? '')?.[1] ?? '') ?? {};
  return maskAccount(textAt(account, 'emailAddress'), plan);
}
