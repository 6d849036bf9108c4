import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { InspectContext, ProviderContext } from '../../sdk/plugin/provider.ts';
import { fingerprintOf, parseObject } from '../../sdk/recipes/store/json-store.ts';
import { WINDOW_MS, type Login } from './login.ts';
import type { Place } from './place.ts';

/*
 * On macOS claude keeps its login in the keychain. Only the attributes of the item are looked at: its secret is claude's alone, and
 * asking for it would open a dialog. When it was last changed is all that they tell; that has to do for the end of the token.
 * Untested on a Mac: the name of the item is from claude's own code, the form of the attributes from the manual of security(1).
 */

/** How long an access token lives; the attributes do not say. */
const LIFE_MS = 8 * 3_600_000;

/** The item that a claude with this environment uses. */
function itemOf({ env, home, settings }: Place, context: InspectContext): string {
  const { CLAUDE_SECURESTORAGE_CONFIG_DIR: storage, CLAUDE_CONFIG_DIR: config } = { ...context.env, ...env };
  const named = storage === undefined ? config && settings.normalize('NFC') : storage && home;
  return `Claude Code-credentials${named ? `-${createHash('sha256').update(named).digest('hex').slice(0, 8)}` : ''}`;
}

/** The login in the keychain; undefined where there is none. */
export async function lookAtKeychain(place: Place, context: ProviderContext): Promise<Login | undefined> {
  const item = itemOf(place, context);
  const { exitCode, stdout } = await context.exec('security', ['find-generic-password', '-s', item], {
    timeoutMs: 10_000,
  });
  const [, year, month, day, hour, minute, second] =
    /"mdat"<timedate>=.*"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z/.exec(stdout) ?? [];
  if (exitCode !== 0 || year === undefined) return undefined;
  const changedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return {
    store: storeName(item),
    kept: 'keychain',
    fingerprint: fingerprintOf(String(changedAt)),
    renewableAt: changedAt + LIFE_MS - WINDOW_MS,
  };
}

const storeName = (item: string) => `the keychain item "${item}"`;

/** The store, where claude's configuration says that somebody is signed in: an inspection runs no program, and so sees no keychain. */
export async function likelyItem(place: Place, context: InspectContext): Promise<string | undefined> {
  const { files, env } = context;
  const folder = { ...env, ...place.env }['CLAUDE_CONFIG_DIR'] ? place.settings : files.resolve('~');
  const configuration = parseObject((await files.read(join(folder, '.claude.json'))) ?? '');
  return configuration?.['oauthAccount'] ? storeName(itemOf(place, context)) : undefined;
}
