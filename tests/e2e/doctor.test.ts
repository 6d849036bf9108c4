import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../sdk/contract/rpc.ts';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';

test.concurrent('doctor reports versions of vendor programs and a missing certificate file', async () => {
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins: ['codex', 'claude'] }) });
  mkdirSync(join(home, 'bin'));
  const program = (name: string, script: string) =>
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('codex', '[ "$*" = --version ] && echo codex-cli 1.2.3');
  program('claude', 'exit 1');
  const { client } = await startDaemon(home, {
    env: { PATH: join(home, 'bin'), SSL_CERT_FILE: join(home, 'none.pem') },
  });
  const findings = await client.request('doctor/run');
  const said = (subject: string) =>
    findings.filter(finding => finding.subject === subject).map(({ level, message }) => `${level}: ${message}`);
  // Tests of several versions of Node rely on it.
  expect(said('node')).toEqual([expect.stringContaining(`, Node ${process.versions.node} on `)]);
  expect(said('codex')).toEqual(['warning: unavailable, no credential in ~/.codex/auth.json']);
  expect(said('claude')).toContain('warning: ~/bin/claude does not say its version');
  expect(said('proxy')).toContainEqual(
    expect.stringContaining(`warning: SSL_CERT_FILE names ${join(home, 'none.pem')}, which does not exist.`),
  );
});

test.concurrent('doctor warns of a credential that others can read, but not in a private folder', async () => {
  const file = '~/creds/token.json';
  const plugins = [
    [
      'oauth',
      {
        id: 'acme',
        file,
        tokenEndpoint: 'https://acme.test/token',
        clientId: 'x',
        paths: { access: 'a', refresh: 'r' },
      },
    ],
  ];
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins }) });
  const folder = join(home, 'creds');
  mkdirSync(folder);
  writeFileSync(join(folder, 'token.json'), '{"a":"CANARY-1","r":"CANARY-2"}', { mode: 0o644 });
  const modes = async () => {
    const { stdout } = await run(KEEPALIVE, ['doctor', '--json'], home);
    const findings: readonly Finding[] = JSON.parse(stdout);
    return findings.filter(({ message }) => message.includes('has mode')).map(({ message }) => message);
  };
  for (const mode of [0o755, 0o711]) {
    chmodSync(folder, mode);
    expect(await modes()).toEqual(['~/creds/token.json has mode 644: others can read it']);
  }
  chmodSync(folder, 0o700);
  expect(await modes()).toEqual([]);
});

test.concurrent('doctor and the plan report a TZ that Node does not know', async () => {
  const practice = { plugins: ['practice'], policy: { schedule: { mode: 'daily', at: '09:00' } } };
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify(practice) });
  const said = async (TZ: string) => {
    const [doctor, plan] = await Promise.all(
      [
        ['doctor', '--json'],
        ['plan', '--for', '7d', '--json'],
      ].map(args => run(KEEPALIVE, args, home, { TZ })),
    );
    const zones = JSON.parse(doctor?.stdout ?? '').filter(({ message }: { message: string }) =>
      message.includes(`TZ=${TZ}`),
    );
    return { zones: zones.length, plan: JSON.parse(plan?.stdout ?? '').at(-1)?.why };
  };
  expect(await said('Foo/Bar')).toEqual({ zones: 1, plan: 'daily at 09:00 (UTC, as TZ=Foo/Bar is not known)' });
  expect(await said('Europe/Berlin')).toEqual({ zones: 0, plan: 'daily at 09:00' });
});

describe.concurrent('a support bundle', () => {
  const OAUTH = {
    id: 'acme',
    file: '~/acme.json',
    tokenEndpoint: 'https://CANARY-user:CANARY-pass@acme.example/token',
    clientId: 'CANARY-client',
    clientSecret: 'CANARY-secret',
    paths: { access: 'a', refresh: 'r' },
  };
  const SESSION = ['./mine.mjs', { region: 'CANARY-region', method: 'auto' }];
  const MINE = `export default () => ({
      kind: 'provider',
      id: 'mine',
      displayName: 'Mine',
      refresh: async () => { throw new Error('it failed'); },
    });`;

  /** Writes a bundle in this home and reads it. */
  async function bundled(home: string) {
    const file = join(home, 'bundle.json');
    const { code, stderr } = await run(KEEPALIVE, ['doctor', '--bundle', file], home);
    expect([code, stderr]).toEqual([0, '']);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(home);
    const bundle = JSON.parse(text);
    expect(METHODS['doctor/bundle'].result.safeParse(bundle).error).toBeUndefined();
    return bundle;
  }

  test('contains versions, configuration, states, attempts and the log', async () => {
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins: [SESSION, ['oauth', OAUTH]] }),
      'mine.mjs': MINE,
    });
    const { client } = await startDaemon(home);
    await Promise.all(
      ['acme', 'mine'].map(id => untilSession({ client }, id, ({ lastAttempt }) => lastAttempt !== undefined)),
    );
    const bundle = await bundled(home);
    expect(bundle).toMatchObject({
      daemon: true,
      node: process.version,
      kernel: { version: expect.any(String), home: '~', configFile: '~/keepalive.config.json' },
      entries: [
        { module: './mine.mjs', options: { region: '[text]', method: 'auto' } },
        {
          module: 'oauth',
          options: {
            id: 'acme',
            file: '~/acme.json',
            tokenEndpoint: 'https://acme.example/…',
            clientSecret: '[secret]',
          },
        },
      ],
      findings: expect.arrayContaining([expect.objectContaining({ subject: 'acme', level: 'warning' })]),
      sessions: expect.arrayContaining([
        expect.objectContaining({ id: 'mine', state: expect.objectContaining({ name: 'waiting' }) }),
      ]),
      log: expect.arrayContaining([expect.stringContaining('started')]),
      files: expect.arrayContaining([expect.objectContaining({ name: 'endpoint.json', mode: '600' })]),
    });
    expect(bundle.attempts.toSorted((a: Attempt, b: Attempt) => a.id.localeCompare(b.id))).toEqual([
      expect.objectContaining({ id: 'acme', outcome: 'unavailable' }),
      expect.objectContaining({ id: 'mine', outcome: 'failed', message: expect.stringContaining('it failed') }),
    ]);
  });

  test('needs no daemon', async () => {
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins: [['oauth', OAUTH]] }),
      'keepalived.log': '{"msg":"the last words"}\n',
    });
    expect(await bundled(home)).toMatchObject({
      daemon: false,
      sessions: [{ id: 'acme' }],
      log: ['{"msg":"the last words"}'],
    });
  });

  test.each([
    [
      'does not parse',
      '{"plugins": [["oauth", {"clientSecret": "CANARY-secret" "x": 1}]]}',
      0,
      'found " (line 1, column 57)',
    ],
    ['has an unknown member', JSON.stringify({ plugins: [], telemetry: 'CANARY' }), 0, 'telemetry'],
    [
      'has an unknown option',
      JSON.stringify({ plugins: [SESSION, ['oauth', { ...OAUTH, clientSecrets: 'CANARY-secret' }]] }),
      2,
      'clientSecrets',
    ],
  ])('needs no valid configuration, and reports one that %s', async (_what, text, entries, trouble) => {
    const bundle = await bundled(temporaryHome({ 'keepalive.config.json': text, 'mine.mjs': MINE }));
    expect(bundle.entries).toHaveLength(entries);
    expect(bundle.findings).toContainEqual(
      expect.objectContaining({ level: 'error', subject: 'config', message: expect.stringContaining(trouble) }),
    );
  });
});
