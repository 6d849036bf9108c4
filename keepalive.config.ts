import { defineConfig } from 'session-keepalive/sdk';

// What this project keeps alive for its own authors, and an example of a configuration. It loads on any machine:
// `keepalive status` shows a missing tool or login, and nothing else happens.

export default defineConfig({
  plugins: [
    // The vendors' own programs are asked to renew their logins; no prompt is sent.
    'claude',
    'codex',

    // A second account is a second entry, with its own id and home.
    // ['claude', { id: 'claude-work', home: '~/.claude-work' }],

    // Augment: the web session of a browser that is signed in, or else auggie's login. The browser is only read.
    // 'augment',

    // Any JSON file with a refresh token, for tools that do not renew it themselves.
    // ['oauth', {
    //   id: 'acme',
    //   file: '~/.acme/token.json',
    //   tokenEndpoint: 'https://auth.acme.example/token',
    //   clientId: 'acme-cli',
    //   paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    // }],

    // A tool that renews its own login when it is asked to.
    // ['command', {
    //   id: 'acme-cli',
    //   run: ['acme', 'auth', 'refresh'],
    //   store: '~/.acme/auth.json',
    //   expiresAt: 'json:token.expiry',
    // }],

    // A provider of your own, beside this file: `keepalive plugin new acme` makes one that works.
    // './acme/index.ts',

    // The settings page: `keepalive ui` opens it.
    'ui-web',
  ],

  // For every session. Other members keep their default; `keepalive config show` lists them all.
  policy: {
    // Report trouble sooner than after five failures in a row.
    maxFailures: 3,
  },

  // For one session, by its id.
  sessions: {
    codex: { schedule: { mode: 'interval', every: '60m' }, refreshBefore: '1h' },
  },
});
