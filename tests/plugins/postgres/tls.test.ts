import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withTls } from '../../../plugins/postgres/address.ts';
import { certificate } from '../../support/daemon/certificate.ts';
import { TEMPORARY } from '../../support/io/temporary.ts';
import { startPostgres, type PostgresServer } from '../../support/fleet/postgres.ts';
import { openMachine } from '../../support/fleet/machine.ts';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

type Way = readonly [is: string, address: string, host: string, mode: string | null];

const WAYS: readonly Way[] = [
  ['another host', 'postgres://u@db.example/f', 'db.example', 'verify-full'],
  ['a weaker mode', 'postgres://u@db.example/f?sslmode=require', 'db.example', 'verify-full'],
  ['a mode that does not exist', 'postgres://u@db.example/f?sslmode=verify_full', 'db.example', 'verify-full'],
  ['the word of another driver', 'postgres://u@db.example/f?ssl=0', 'db.example', 'verify-full'],
  ['no TLS by the address', 'postgres://u@db.example/f?sslmode=disable', 'db.example', 'disable'],
  ['no verification by the address', 'postgres://u@db.example/f?sslmode=no-verify', 'db.example', 'no-verify'],
  ['the last of two modes', 'postgres://u@db.example/f?sslmode=disable&sslmode=prefer', 'db.example', 'verify-full'],
  ['this machine', 'postgres://u@127.0.0.1/f', '127.0.0.1', null],
  ['this machine by its name', 'postgres://u@localhost/f', 'localhost', null],
  ['this machine, verified', 'postgres://u@localhost/f?sslmode=verify-full', 'localhost', 'verify-full'],
  ['a socket', 'postgres:///f', '/run/postgresql', null],
  ['a name that looks like this machine', 'postgres://u@127.example.com/f', '127.example.com', 'verify-full'],
  ['another host in a parameter', 'postgres://u@localhost/f?host=db.example', 'db.example', 'verify-full'],
];

test.each(WAYS)('%s: %s', (_is, address, host, mode) => {
  const { searchParams } = new URL(withTls(address, host));
  expect(searchParams.getAll('sslmode').at(-1) ?? null).toBe(mode);
});

test('no parameter weakens the verification', () => {
  const url = new URL(withTls('postgres://u@db.example/f?uselibpqcompat=true&sslmode=require', 'db.example'));
  expect(url.search).toBe('?sslmode=verify-full');
});

describe.runIf(hasOpenssl)('a server with TLS (needs openssl)', () => {
  let server: PostgresServer;
  let plain: PostgresServer;
  let [folder, authority] = ['', ''];
  beforeAll(async () => {
    folder = mkdtempSync(join(TEMPORARY, 'keepalive-tls-'));
    const made = await certificate(['localhost'], folder);
    authority = made.authority;
    server = await startPostgres({
      settings: { ssl: 'on' },
      files: {
        'server.crt': made.cert,
        'server.key': made.key,
        'pg_hba.conf': 'hostssl all all 127.0.0.1/32 trust\nhostnossl all owner 127.0.0.1/32 trust\n',
      },
    });
    plain = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
    await plain.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const through = (url: string, host: string, search: string) => `${url.replace('127.0.0.1', host)}${search}`;
  const isEncrypted = async (url: string) => {
    const query = `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
      WHERE application_name = 'session-keepalive' AND datname = current_database() LIMIT 1`;
    return (await server.run(url, query))[0]?.['ssl'];
  };

  test('is used without TLS only where the address says so', async () => {
    const url = await server.database();
    const machine = openMachine({ url: through(url, 'LOCALHOST', '?sslmode=disable') });
    await expect.poll(() => machine.directory.list().catch(() => [])).toHaveLength(1);
    expect(await isEncrypted(url)).toBe(false);
  });

  test('is used if its certificate is of the given authority, and for this host', async () => {
    const url = await server.database();
    const machine = openMachine({ url: through(url, 'LOCALHOST', `?sslrootcert=${authority}`) });
    await expect.poll(() => machine.directory.list().catch(() => [])).toHaveLength(1);
    expect(await isEncrypted(url)).toBe(true);
  });

  type Refused = readonly [is: string, reason: string, address: (url: string) => string, hasTls: boolean];
  const REFUSED: readonly Refused[] = [
    [
      'its authority is not known',
      'the certificate of the database is not trusted',
      url => through(url, 'LOCALHOST', ''),
      true,
    ],
    [
      'its certificate is for another host',
      'the certificate of the database is for another host',
      url => `${url}?sslmode=verify-full&sslrootcert=${authority}`,
      true,
    ],
    [
      'the file of the authority is missing',
      'a file that the address names cannot be read',
      url => through(url, 'LOCALHOST', '?sslrootcert=/missing/canary.pem'),
      true,
    ],
    [
      'the file of the authority is no certificate',
      'the certificate of the database is not trusted',
      url => through(url, 'LOCALHOST', `?sslrootcert=${join(folder, 'extensions')}`),
      true,
    ],
    ['it has no TLS', 'the database does not use TLS', url => through(url, 'LOCALHOST', ''), false],
  ];

  test.each(REFUSED)('is refused if %s', async (_is, reason, address, hasTls) => {
    const machine = openMachine({ url: address(await (hasTls ? server : plain).database()) });
    await expect.poll(() => machine.trouble()).toMatchObject({ reason, isLasting: true });
    expect(machine.log.join('\n')).not.toMatch(/localhost:|127\.0\.0\.1|canary/);
  });
});
