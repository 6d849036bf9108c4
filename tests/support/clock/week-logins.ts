import type { FakeFiles } from '../../../sdk/testing/index.ts';
import { claudeLogin } from '../vendors/claude-login.ts';
import { codexLogin } from '../vendors/codex-login.ts';
import type { WeekVendors } from './week-vendors.ts';

const HOUR = 3_600_000;

/** The user signs in with the vendors' programs. `isAlive`: whether the vendor still accepts what is in the file. */
export function weekLogins(
  files: FakeFiles,
  { claude, codex, acme, codexLives, site, rotate }: WeekVendors,
  now: () => number,
) {
  const read = async (path: string) => JSON.parse((await files.read(path)) ?? '');
  return {
    claude(home: string, loginExpiresAt: number) {
      const store = `${home}/.credentials.json`;
      const { account, access, refresh, expiresAt } = claude.signIn({ age: 0, left: 8 * HOUR });
      files.write(store, claudeLogin({ access, refresh, expiresAt, loginExpiresAt }));
      return { account, isAlive: async () => claude.isAlive(account, (await read(store)).claudeAiOauth.refreshToken) };
    },
    codex(home: string, { age, lives }: { readonly age: number; readonly lives: number }) {
      const store = `${home}/auth.json`;
      const { account, refresh, issuedAt, expiresAt } = codex.signIn({ age, left: lives - age });
      codexLives.set(account, lives);
      files.write(store, codexLogin({ issuedAt, expiresAt, refreshedAt: issuedAt, refresh, account }));
      return { account, isAlive: async () => codex.isAlive(account, (await read(store)).tokens.refresh_token) };
    },
    acme(store: string) {
      const { account, access, refresh, expiresAt } = acme.signIn({ age: 0, left: HOUR });
      files.write(store, JSON.stringify({ access_token: access, refresh_token: refresh, expires_at: expiresAt }));
      return { account, isAlive: async () => acme.isAlive(account, (await read(store)).refresh_token) };
    },
    augment(store: string, lives = 24 * HOUR) {
      const [name = '', value = ''] = rotate(lives).split(';')[0]?.split('=') ?? [];
      const [expires, creation] = [site.endsAt, now()].map(at => new Date(at).toISOString());
      const cookie = {
        key: name,
        value,
        domain: 'app.augmentcode.com',
        path: '/',
        hostOnly: true,
        httpOnly: true,
        expires,
        creation,
      };
      files.write(
        store,
        JSON.stringify({ version: 'tough-cookie@6.0.0', storeType: 'MemoryCookieStore', cookies: [cookie] }),
      );
      return {
        isAlive: async () =>
          now() < site.endsAt && (await files.read(store))?.includes(site.cookie.replace('session=', '')),
      };
    },
  };
}
