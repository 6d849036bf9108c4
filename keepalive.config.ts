import { defineConfig } from 'session-keepalive/sdk';

// An example of a configuration. It is used only if you name it with --config, also in this folder: without a
// configuration of your own, every tool that is found on this machine is kept alive.

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

    // Every other tool that is found on this machine, also one that you sign in to later.
    // 'auto',

    // The settings page, which `keepalive ui` opens, is always served. To switch it off:
    // ['ui-web', { serve: false }],
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
