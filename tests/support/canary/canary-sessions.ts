import { careless, standIn } from './canary-programs.ts';
import type { CanaryVendors } from './canary-vendors.ts';
import { claudeLogin } from '../vendors/claude-login.ts';
import { codexLogin } from '../vendors/codex-login.ts';
import { jwt } from '../vendors/tokens.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** A session, the credential that it has, and what comes of its first attempt. */
export type CanarySession = {
  readonly id: string;
  /** As the configuration names it. */
  readonly entry: unknown;
  readonly files: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, string>>;
  readonly outcome: string;
};

/** The real programs that there are, by vendor. */
export type RealPrograms = {
  readonly codex?: string | undefined;
  readonly claude?: string | undefined;
  readonly gemini?: string | undefined;
};

type Text = (mark: string, expiry: number) => string;

/** One session of every provider at least, each with a canary for its credential. `thorough`: also those for which everything goes wrong. */
export function canarySessions(
  vendors: CanaryVendors,
  real: RealPrograms,
  email: string,
  thorough: boolean,
): readonly CanarySession[] {
  const { codex, claude, site, teapot, refusing, good, broken, proxy } = vendors;
  const [ended, soon, later] = [Date.now() - MINUTE, Date.now() + MINUTE, Date.now() + DAY];

  const claudeText: Text = (mark, expiresAt) =>
    claudeLogin({
      expiresAt,
      loginExpiresAt: Date.now() + 20 * DAY,
      access: `CANARY-claude-access-${mark}`,
      refresh: `CANARY-claude-refresh-${mark}`,
    });
  const google: Text = (mark, expiry) =>
    JSON.stringify({
      access_token: `ya29.CANARY-${mark}`,
      refresh_token: '1//CANARY-google-refresh',
      id_token: jwt({ email }),
      token_type: 'Bearer',
      scope: 'x',
      expiry_date: expiry,
    });
  const cursor: Text = (mark, expiry) =>
    JSON.stringify({
      accessToken: jwt({ exp: Math.floor(expiry / 1_000), email, jti: `CANARY-${mark}` }),
      refreshToken: `CANARY-cursor-refresh-${mark}`,
    });
  const keyring: Text = (mark, expiry) => {
    const token = {
      access_token: `CANARY-agy-${mark}`,
      refresh_token: 'CANARY-agy-refresh',
      expiry: new Date(expiry).toISOString(),
    };
    return `go-keyring-base64:${Buffer.from(JSON.stringify({ token })).toString('base64')}`;
  };
  const owned: Text = (mark, expiry) => JSON.stringify({ token: `CANARY-owned-${mark}`, expiry });
  const auggie = (token: string, tenantURL: string) =>
    JSON.stringify({ accessToken: token, tenantURL, scopes: ['email'] });
  const stored = (name: string) =>
    JSON.stringify({
      access_token: `CANARY-${name}-access`,
      refresh_token: `CANARY-${name}-refresh`,
      expires_at: soon,
      email,
    });
  const cookie = (host: string, name: string, value: string, secure = 'FALSE') =>
    `# Netscape HTTP Cookie File\n#HttpOnly_${host}\tFALSE\t/\t${secure}\t${Math.floor(soon / 1_000)}\t${name}\t${value}\n`;

  /** A session whose owner is a stand-in; and where wanted another, whose owner is broken. */
  const touched = (
    name: string,
    isReal: string | undefined,
    place: (suffix: string) => readonly [store: string, options: object],
    text: Text,
  ): readonly CanarySession[] =>
    [...(isReal ? [] : ['']), ...(thorough ? ['-broken'] : [])].map(suffix => {
      const [[store, options], program] = [place(suffix), `${name}-stand-in${suffix}`];
      return {
        id: `${name}${suffix}`,
        entry: [name, { id: `${name}${suffix}`, program, ...options }],
        files: { [store]: text('1', ended) },
        programs: { [program]: standIn(store, text('2', later), { broken: suffix !== '' }) },
        // A program that was never seen to work is only watched after a failure; gemini's silence is not counted.
        outcome: suffix
          ? ({ cursor: 'deferred', antigravity: 'fresh', gemini: 'offline' }[name] ?? 'failed')
          : 'refreshed',
      };
    });

  const oauth = (id: string, tokenEndpoint: string, outcome: string): CanarySession => ({
    id,
    outcome,
    files: { [`${id}.json`]: stored(id) },
    entry: [
      'oauth',
      {
        id,
        file: `~/${id}.json`,
        tokenEndpoint,
        clientId: 'client',
        clientSecret: 'CANARY-client-secret',
        headers: { 'x-api-key': 'CANARY-header' },
        paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      },
    ],
  });
  const cookies = (id: string, options: object, outcome: string): CanarySession => ({
    id,
    outcome,
    files: { [`${id}.txt`]: cookie('127.0.0.1', 'sid', id === 'web' ? 'CANARY-sid-0' : `CANARY-sid-of-${id}`) },
    entry: ['cookies', { id, jar: `~/${id}.txt`, ...options }],
  });
  const command = (id: string, program: string, mark: string, isBroken: boolean): CanarySession => ({
    id,
    entry: ['command', { id, run: [program, 'touch'], store: `~/${id}.json`, expiresAt: 'json:expiry' }],
    files: { [`${id}.json`]: owned(mark, soon) },
    programs: { [program]: standIn(`${id}.json`, owned(`${mark}-2`, later), { broken: isBroken }) },
    outcome: isBroken ? 'failed' : 'refreshed',
  });

  return [
    {
      id: 'codex',
      entry: ['codex', real.codex ? { program: real.codex } : {}],
      outcome: 'refreshed',
      files: {
        '.codex/auth.json': codex.signIn({ age: 6 * DAY, left: 4 * DAY }).text.replaceAll('you@example.test', email),
        '.codex/config.toml': `chatgpt_base_url = "${codex.url}/backend-api/"\n[analytics]\nenabled = false\n`,
      },
    },
    ...(real.claude
      ? [
          {
            id: 'claude',
            entry: ['claude', { program: real.claude }],
            outcome: 'refreshed',
            files: {
              '.claude/.credentials.json': claude.signIn(-MINUTE).text,
              '.claude.json': JSON.stringify({
                hasCompletedOnboarding: true,
                oauthAccount: { accountUuid: 'u', emailAddress: email, organizationUuid: 'o' },
              }),
            },
          },
        ]
      : []),
    ...touched(
      'claude',
      real.claude,
      suffix => [`.claude${suffix}/.credentials.json`, suffix ? { home: `~/.claude${suffix}` } : {}],
      claudeText,
    ),
    ...(real.gemini
      ? [
          {
            id: 'gemini',
            entry: ['gemini', { program: real.gemini }],
            outcome: 'refreshed',
            files: {
              '.gemini/oauth_creds.json': google('0', ended),
              '.gemini/google_accounts.json': JSON.stringify({ active: email, old: [] }),
              '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'oauth-personal' } } }),
            },
          },
        ]
      : []),
    ...touched(
      'gemini',
      real.gemini,
      suffix => [`.g${suffix}/.gemini/oauth_creds.json`, { home: `~/.g${suffix}` }],
      google,
    ),
    ...touched('cursor', undefined, suffix => [`.cursor${suffix}/auth.json`, { home: `~/.cursor${suffix}` }], cursor),
    ...touched(
      'antigravity',
      undefined,
      suffix => [`.a${suffix}/.gemini/antigravity-cli/antigravity-oauth-token`, { home: `~/.a${suffix}` }],
      keyring,
    ),
    {
      id: 'copilot',
      entry: 'copilot',
      outcome: 'fresh',
      files: {
        '.copilot/config.json': JSON.stringify({
          logged_in_users: [{ login: email }],
          copilot_tokens: { 'https://github.com': 'gho_CANARY0copilot' },
        }),
      },
    },
    {
      id: 'copilot-gh',
      entry: ['copilot', { id: 'copilot-gh', home: '~/.copilot-2' }],
      outcome: 'fresh',
      files: { '.copilot-2/config.json': '{}', '.config/gh/hosts.yml': 'github.com:\n  oauth_token: gho_CANARY0gh\n' },
    },
    {
      id: 'augment',
      entry: 'augment',
      files: { '.augment/session.json': auggie('CANARY-auggie', teapot) },
      outcome: 'failed',
    },
    {
      id: 'augment-refused',
      entry: ['augment', { id: 'augment-refused', auggie: { home: '~/.augment-2' } }],
      outcome: 'deferred',
      files: { '.augment-2/session.json': auggie('CANARY-auggie-2', refusing) },
    },
    oauth('acme', good.url, 'refreshed'),
    oauth('broken', broken.url, 'failed'),
    cookies('web', { ping: site.page, alive: { json: 'user' }, headers: { 'x-csrf': 'CANARY-csrf' } }, 'refreshed'),
    cookies('web-broken', { ping: `${teapot}/?key=CANARY-in-an-address` }, 'failed'),
    cookies('web-unsendable', { ping: site.page, headers: { 'x-csrf': 'CANARY"unsendable\nheader' } }, 'failed'),
    command('owned', 'owner', '1', false),
    { id: 'careless', entry: './canary.ts', files: { 'canary.ts': careless(email) }, outcome: 'failed' },
    ...(proxy
      ? [
          {
            id: 'augment-web',
            entry: ['augment', { id: 'augment-web', jar: '~/augment.txt' }],
            outcome: 'refreshed',
            files: { 'augment.txt': cookie('app.augmentcode.com', 'session', 'CANARY-augment-sid-0', 'TRUE') },
          },
          {
            id: 'claude-redeem',
            entry: ['claude', { id: 'claude-redeem', home: '~/.claude-redeem', method: 'redeem' }],
            outcome: 'refreshed',
            files: { '.claude-redeem/.credentials.json': claude.signIn(-MINUTE).text },
          },
        ]
      : []),
    ...(thorough
      ? [
          {
            id: 'codex-refused',
            entry: ['codex', { id: 'codex-refused', home: '~/.codex-2', method: 'redeem' }],
            outcome: 'login-required',
            files: {
              '.codex-2/auth.json': codexLogin({ issuedAt: Date.now() - 6 * DAY, expiresAt: Date.now() + 4 * DAY }),
            },
          },
          command('owned-broken', 'owner-broken', '3', true),
        ]
      : []),
  ];
}
