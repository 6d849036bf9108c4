import { copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../sdk/contract/rpc.ts';
import type { Notice, Session } from '../../sdk/contract/session.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

/** Two entries for expired token files, of which the second was made from the first. */
async function twoEntries(make: (from: string, to: string) => void) {
  const server = await rotatingServer();
  const home = temporaryHome();
  const files = ['first', 'copy'].map(id => join(home, `${id}.json`));
  const entry = (file: string, id: string) => [
    'oauth',
    {
      id,
      file,
      tokenEndpoint: server.url,
      clientId: 'test',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    },
  ];
  const [first = '', copy = ''] = files;
  writeFileSync(first, JSON.stringify({ access_token: 'access-0', refresh_token: 'refresh-0', expires_at: 1 }), {
    mode: 0o600,
  });
  make(first, copy);
  writeFileSync(
    join(home, 'keepalive.config.json'),
    JSON.stringify({ plugins: [entry(first, 'first'), entry(copy, 'copy')], policy: { minInterval: '100ms' } }),
  );
  const held = (file: string) => JSON.parse(readFileSync(file, 'utf8')).refresh_token;
  return { home, server, held: () => files.map(held) };
}

const named = (sessions: readonly Session[]) =>
  sessions.map(({ id, state }) => `${id} ${state.name === 'waiting' ? state.why : state.name}`);

test.concurrent.each<[string, (from: string, to: string) => void]>([
  ['copied', copyFileSync],
  ['hard-linked', linkSync],
])('a login that was %s is renewed once by each `check --refresh` without a daemon', async (_name, make) => {
  const { home, server, held } = await twoEntries(make);
  for (let round = 0; round < 3; round += 1) {
    const { code, stdout } = await run(KEEPALIVE, ['check', '--refresh', '--json'], home);
    expect(named(JSON.parse(stdout))).toEqual(['first alive', 'copy deferred']);
    // The copy has expired, so a tool that uses that file is not signed in.
    expect(code).toBe(6);
  }
  expect(server.received.map(({ token }) => token)).toEqual(['refresh-0']);
  expect(held()).toEqual(['refresh-1', 'refresh-0']);
});

test.concurrent('a copy that its tool renewed between two runs is kept alive, and the other waits', async () => {
  const { home, server, held } = await twoEntries(copyFileSync);
  const [first = '', copy = ''] = ['first', 'copy'].map(id => join(home, `${id}.json`));
  const write = (file: string, refresh: string, expiresAt: number) =>
    writeFileSync(file, JSON.stringify({ access_token: 'access', refresh_token: refresh, expires_at: expiresAt }), {
      mode: 0o600,
    });
  const later = Math.floor(Date.now() / 1_000) + 3_600;
  for (const file of [first, copy]) write(file, 'refresh-0', later);
  await run(KEEPALIVE, ['check', '--refresh'], home);
  await fetch(server.url, { method: 'POST', body: new URLSearchParams({ refresh_token: 'refresh-0' }) });
  write(copy, 'refresh-1', 1);
  write(first, 'refresh-0', 1);
  for (const args of [['first'], [], ['first', 'copy'], []])
    await run(KEEPALIVE, ['check', ...args, '--refresh'], home);
  const { stdout } = await run(KEEPALIVE, ['check', '--refresh', '--json'], home);
  expect(named(JSON.parse(stdout))).toEqual(['first deferred', 'copy alive']);
  expect(server.received.map(({ token }) => token)).toEqual(['refresh-0', 'refresh-1']);
  expect(held()).toEqual(['refresh-0', 'refresh-2']);
});

test.concurrent('a symbolic link counts as the same store: both entries are alive after one request', async () => {
  const { home, server } = await twoEntries((from, to) => symlinkSync(from, to));
  const { stdout } = await run(KEEPALIVE, ['check', '--refresh', '--json'], home);
  expect(new Set(server.received.map(({ token }) => token))).toEqual(new Set(['refresh-0']));
  expect(server.isRevoked()).toBe(false);
  expect(JSON.parse(stdout).every(({ shared }: Session) => shared === undefined)).toBe(true);
});

test.concurrent('a copied login raises two notices, is in doctor, and is never renewed from the copy', async () => {
  const { home, server } = await twoEntries(copyFileSync);
  const daemon = await startDaemon(home);
  const copy = await untilSession(daemon, 'copy', ({ state }) => state.name === 'waiting');
  await untilSession(daemon, 'first', ({ state }) => state.name === 'alive');
  expect(copy.state).toMatchObject({ why: 'deferred', hint: expect.stringContaining('"first"') });
  expect(copy.shared).toMatchObject({ session: 'first', holder: 'first' });
  for (let again = 0; again < 3; again += 1) {
    expect((await daemon.client.request('session/refresh', { id: 'copy', force: true })).state).toMatchObject({
      why: 'deferred',
    });
  }
  expect(server.received.map(({ token }) => token)).toEqual(['refresh-0']);
  const notices: readonly Notice[] = await daemon.client.request('notice/list');
  expect(notices.map(({ session, code, level }) => [session, code, level]).toSorted()).toEqual([
    ['copy', 'shared-login', 'warning'],
    ['first', 'shared-login', 'warning'],
  ]);
  const findings: readonly Finding[] = await daemon.client.request('doctor/run');
  const shared = findings.filter(
    ({ level, subject, message }) => level === 'warning' && subject === 'copy' && message.includes('"first"'),
  );
  expect(shared).toMatchObject([{ action: expect.stringContaining('Sign in separately') }]);
  const { stdout } = await run(KEEPALIVE, ['status'], home);
  expect(stdout).toMatch(/▲ copy: It has expired and was not renewed\. This session held the same login as "first"/);
  expect(stdout).not.toContain('busy');
});
