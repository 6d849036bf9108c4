import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startPostgres } from '../../support/fleet/postgres.ts';
import { attemptOf, holdingOf, openMachine, sessionOf } from '../../support/fleet/machine.ts';
import { onTestFinished } from '../../support/running-test.ts';

const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync);
const NOBODY = 65_534;

const accepts = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Gives each transaction another connection. */
async function pooled(program: string, url: string): Promise<string> {
  const { port: server } = new URL(url);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: 2,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, `[databases]\n* = host=127.0.0.1 port=${server} user=owner\n[pgbouncer]\n${lines.join('\n')}\n`);
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const child = spawn(program, ['-q', file], { stdio: 'ignore', ...(isRoot && { uid: NOBODY, gid: NOBODY }) });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await expect.poll(() => accepts(port)).toBe(true);
  return url.replace(`:${server}/`, `:${port}/`);
}

test.runIf(PGBOUNCER)('a pooler that gives each transaction another connection does (needs pgbouncer)', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const url = await pooled(String(PGBOUNCER), await server.database());
  const [one, other] = [openMachine({ url, machine: 'one' }), openMachine({ url, machine: 'other' })];
  one.directory.putSession(sessionOf('own'));
  one.directory.record(attemptOf('own'));
  const shown = async () => (await other.directory.list()).flatMap(({ sessions }) => sessions.map(({ id }) => id));
  await expect.poll(() => shown().catch(() => [])).toEqual(['own']);
  const answer = await one.lease.acquire(holdingOf('own', 'login'));
  expect(answer.status).toBe('granted');
  await expect(other.lease.acquire(holdingOf('copy', 'login'))).resolves.toMatchObject({ status: 'held' });
  const shares: unknown[] = [];
  other.lease.onShares(all => void shares.push(...all));
  other.lease.hold('copy', holdingOf('copy', 'login'));
  await expect.poll(() => shares).toContainEqual(expect.objectContaining({ session: 'copy', holder: 'other' }));
  const letters: unknown[] = [];
  other.directory.onLetter(({ content }) => void letters.push(content));
  const peer = await one.directory.find('other');
  for (const text of ['first', 'second', 'third']) await one.directory.send(peer, { text });
  await expect.poll(() => letters).toHaveLength(3);
  expect([...one.troubles, ...other.troubles].filter(trouble => trouble)).toEqual([]);
});
