import { describe, expect, test } from 'vitest';
import { outlineOf } from '../../config/options.ts';
import { secretsIn } from '../../runtime/log/option-secrets.ts';

const CASES: readonly (readonly [string, unknown, unknown, readonly string[]])[] = [
  [
    'oauth',
    {
      id: 'acme',
      file: '~/.acme/token.json',
      tokenEndpoint: 'https://acme.example/oauth/token',
      clientId: 'app',
      clientSecret: 'CANARY-client',
      scope: 'all',
      headers: { 'x-team': 'CANARY-team' },
      paths: { access: 'access_token', refresh: 'tokens.refresh' },
      body: 'json',
    },
    {
      id: 'acme',
      file: '~/.acme/token.json',
      tokenEndpoint: 'https://acme.example/…',
      clientId: '[text]',
      clientSecret: '[text]',
      scope: '[text]',
      headers: { 'x-team': '[text]' },
      paths: { access: 'access_token', refresh: 'tokens.refresh' },
      body: 'json',
    },
    ['CANARY-client', 'CANARY-team'],
  ],
  [
    'a webhook',
    {
      url: 'https://hooks.example/services/T000/CANARY-of-a-long-address',
      headers: { authorization: 'Bearer CANARY' },
    },
    { url: 'https://hooks.example/…', headers: { authorization: '[text]' } },
    ['CANARY-of-a-long-address', 'Bearer CANARY', 'CANARY'],
  ],
  [
    'a command',
    { run: ['/usr/bin/acme', '--password=CANARY'], always: true },
    { run: ['/usr/bin/acme', '[text]'], always: true },
    [],
  ],
  [
    'cookies',
    {
      jar: { browser: 'firefox', profile: 'work' },
      ping: ['https://CANARY-user:CANARY-pass@site.example/?key=CANARY-key', 'https://site.example'],
      alive: { json: 'user.id', status: 200 },
      sessionCookies: ['sid'],
    },
    {
      jar: { browser: 'firefox', profile: 'work' },
      ping: ['https://site.example/…', 'https://site.example'],
      alive: { json: 'user.id', status: 200 },
      sessionCookies: ['sid'],
    },
    ['CANARY-user', 'CANARY-pass', 'CANARY-key'],
  ],
  [
    'a third-party plugin',
    { account: { auth: ['CANARY-1', { nested: 'CANARY-2' }] }, retries: 3, region: 'eu', onChange() {} },
    { account: { auth: ['[text]', { nested: '[text]' }] }, retries: 3, region: '[text]', onChange: '[function]' },
    ['CANARY-1', 'CANARY-2'],
  ],
  ['none', {}, {}, []],
];

describe.each(CASES)('the options of %s', (_whose, options, outline, secrets) => {
  test('are shown as an outline without secrets', () => {
    expect(outlineOf(options)).toEqual(outline);
    expect(JSON.stringify(outlineOf(options))).not.toContain('CANARY');
  });

  test('are searched for secrets', () => {
    expect(secretsIn(options)).toEqual(secrets);
  });
});
