import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { firefoxDb } from './browser-cookies.ts';
import { claudeLogin } from './claude-login.ts';
import { codexLogin } from './codex-login.ts';
import { DROID_KEY, droidLogin } from './droid-login.ts';
import { grokLogin } from './grok-login.ts';

const HOUR = 3_600_000;

/** Replaces a file atomically, as a vendor's program does. */
function put(home: string, name: string, text: string | Uint8Array): void {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Signs in to each tool that needs no configuration, in a user's home. The first word is the provider. */
export const signIn: Readonly<Record<string, (home: string) => void | Promise<void>>> = {
  claude: home => put(home, '.claude/.credentials.json', claudeLogin({ expiresAt: Date.now() + 5 * HOUR })),
  codex(home) {
    const [issuedAt, expiresAt] = [Date.now() - HOUR, Date.now() + 200 * HOUR];
    put(home, '.codex/auth.json', codexLogin({ issuedAt, expiresAt, refreshedAt: issuedAt }));
  },
  gemini(home) {
    const login = { access_token: 'CANARY-access', refresh_token: 'CANARY-refresh', expiry_date: Date.now() + HOUR };
    put(home, '.gemini/oauth_creds.json', JSON.stringify(login));
  },
  cursor: home =>
    put(home, '.config/cursor/auth.json', JSON.stringify({ accessToken: 'CANARY-a', refreshToken: 'CANARY-r' })),
  antigravity: home =>
    put(home, '.gemini/antigravity-cli/antigravity-oauth-token', JSON.stringify({ access_token: 'CANARY-access' })),
  grok: home =>
    put(home, '.grok/auth.json', grokLogin({ issuedAt: Date.now() - HOUR, expiresAt: Date.now() + 5 * HOUR })),
  copilot: home =>
    put(home, '.copilot/config.json', JSON.stringify({ logged_in_users: [{ login: 'you' }], token: 'gho_CANARY' })),
  droid(home) {
    put(home, '.factory/auth.v2.key', DROID_KEY);
    put(home, '.factory/auth.v2.file', droidLogin(Date.now() + HOUR));
  },
  opencode(home) {
    const login = { type: 'oauth', refresh: 'CANARY-refresh', access: 'CANARY-access', expires: Date.now() + HOUR };
    put(home, '.local/share/opencode/auth.json', JSON.stringify({ openai: login }));
  },
  'augment, by auggie'(home) {
    const login = { accessToken: 'CANARY-access', tenantURL: 'https://d1.api.augmentcode.com/', scopes: ['email'] };
    put(home, '.augment/session.json', JSON.stringify(login));
  },
  async 'augment, by a browser that is new here'(home) {
    const minutes = Math.round((Date.now() + HOUR - Date.UTC(2026, 0, 1)) / 60_000);
    put(home, '.mozilla/firefox/profiles.ini', '[Profile0]\nName=home\nIsRelative=1\nPath=ab12.home\nDefault=1\n');
    const cookies = await firefoxDb({ host: 'app.augmentcode.com', name: '_session', minutes });
    put(home, '.mozilla/firefox/ab12.home/cookies.sqlite', cookies);
  },
};
