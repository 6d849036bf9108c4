import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { InspectContext, ProviderContext } from '../../sdk/plugin/provider.ts';
import { fingerprintOf, parseObject } from '../../sdk/recipes/store/json-store.ts';
import { WINDOW_MS, type Login } from './login.ts';
import type { ClaudeHome } from './home.ts';

/*
 * On macOS claude keeps its login in the keychain. We read only the attributes of the item, because reading its secret
 * would open a dialog. They say when the item was last changed, and we estimate the expiry of the token from that.
 * Untested on a Mac: the name of the item is from claude's code, the format of the attributes from security(1).
 */

/** The usual life of an access token. The attributes don't have it. */
const LIFE_MS = 8 * 3_600_000;

/** The exit code of `security` for an item that does not exist. With any other, one may exist. */
const NO_SUCH_ITEM = 44;

const UNLOCK = 'Unlock the keychain, or log in at the screen of this Mac.';

/** The name of the item that claude uses in this environment. */
function itemOf({ env, folder, settings }: ClaudeHome, context: InspectContext): string {
  const { CLAUDE_SECURESTORAGE_CONFIG_DIR: storage, CLAUDE_CONFIG_DIR: config } = { ...context.env, ...env };
  const named = storage === undefined ? config && settings.normalize('NFC') : storage && folder;
  return `Claude Code-credentials${named ? `-${createHash('sha256').update(named).digest('hex').slice(0, 8)}` : ''}`;
}

/** The login in the keychain; undefined if there is none. */
export async function readKeychainLogin(
  home: ClaudeHome,
  context: InspectContext & Pick<ProviderContext, 'exec'>,
): Promise<Login | undefined> {
  const item = itemOf(home, context);
  const { exitCode, stdout } = await context.exec('security', ['find-generic-password', '-s', item], {
    timeoutMs: 10_000,
  });
  if (exitCode === NO_SUCH_ITEM) return undefined;
  const [, year, month, day, hour, minute, second] =
    /^ *"mdat"<timedate>=.*"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z/m.exec(stdout) ?? [];
  const facts = { path: storeName(item), program: 'security', exitCode };
  if (exitCode !== 0) throw new KeepaliveError('KA_STORE_LOCKED', { ...facts, hint: UNLOCK });
  if (year === undefined) throw new KeepaliveError('KA_STORE_UNREADABLE', { ...facts, reason: 'it has no date' });
  const changedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return {
    home,
    store: storeName(item),
    signIn: home.signIn,
    kept: 'keychain',
    fingerprint: fingerprintOf(String(changedAt)),
    renewableAt: changedAt + LIFE_MS - WINDOW_MS,
  };
}

const storeName = (item: string) => `the keychain item "${item}"`;

/** The item for the user. */
export const keychainItem = (home: ClaudeHome, context: InspectContext): string => storeName(itemOf(home, context));

/** The configuration of claude, which names the account after a sign-in. */
export function signInMark(home: ClaudeHome, { env, files }: InspectContext): string {
  const folder = { ...env, ...home.env }['CLAUDE_CONFIG_DIR'] ? home.settings : files.resolve('~');
  return join(folder, '.claude.json');
}

/** The login that an inspection assumes to be in the keychain if claude's configuration has an account. */
export async function likelyKeychainLogin(home: ClaudeHome, context: InspectContext): Promise<Login | undefined> {
  const configuration = parseObject((await context.files.read(signInMark(home, context))) ?? '');
  if (!configuration?.['oauthAccount']) return undefined;
  return {
    home,
    store: keychainItem(home, context),
    signIn: home.signIn,
    kept: 'keychain',
    assumed: true,
    fingerprint: '',
    renewableAt: Infinity,
    note: 'Its expiry cannot be seen.',
  };
}
