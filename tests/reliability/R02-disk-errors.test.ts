import { readdirSync, statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { OtherProcess, type Redeemed } from '../support/io/other-process.ts';
import { realContext } from '../support/real-context.ts';
import { times } from '../support/runs.ts';
import { CAN_MOUNT, mountedDisk, smallDisk } from '../support/io/small-disk.ts';
import { callsDuring, CAN_TRACE, refuseDuring } from '../support/io/strace.ts';
import { tokenFile } from '../support/vendors/token-file.ts';
import { rotatingServer, tokenServer } from '../support/vendors/token-server.ts';

/** A prime step, so that the rounds reach every fault. */
const STEP = 47;
const ERRORS = ['ENOSPC', 'EIO', 'EROFS'];

async function setUp() {
  const server = await rotatingServer();
  return { server, ...(await tokenFile({ tokenEndpoint: server.url })) };
}

/** A lock that could not be removed would delay the next caller. R4 tests that. */
const removeLock = ({ file }: TokenFile): Promise<void> => rm(`${file}.lock`, { recursive: true, force: true });

const isDone = ({ status }: Redeemed): boolean => status === 'refreshed' || status === 'fresh';

test('R2: space for the answer is reserved before the vendor is asked', async () => {
  let seen: readonly number[] = [];
  const { url } = await tokenServer(() => {
    const places = [folder, join(folder, 'journal')].flatMap(parent =>
      readdirSync(parent, { withFileTypes: true }).map(entry => join(parent, entry.name)),
    );
    seen = places.filter(path => /\.keepalive-|journal\/[0-9a-f]{32}$/.test(path)).map(path => statSync(path).size);
    return { body: { access_token: 'access-1', refresh_token: 'refresh-1' } };
  });
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(seen).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(12_288);
});

test.skipIf(!CAN_TRACE)(
  'R2: if any call fails, once or always, no token is sent or its answer is written as soon as possible',
  async ({ annotate }) => {
    const { server, folder, source, read } = await setUp();
    const other = await OtherProcess.start({ threads: 1 });
    await other.redeem({ source, folder, force: true });
    const calls = await callsDuring(other.thread, () => other.redeem({ source, folder, force: true }));
    const faults = calls.flatMap((call, at) =>
      ERRORS.flatMap(error =>
        [false, true].map(lasting => ({
          at,
          error,
          lasting,
          name: `${call.name} ${call.nth}: ${error}, ${lasting ? 'always' : 'once'}`,
        })),
      ),
    );
    expect(faults.length % STEP).toBeGreaterThan(0);
    const rounds = times(9, 10 * faults.length);
    const counts = { refused: 0, kept: 0, unharmed: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const fault = faults[(round * STEP) % faults.length];
      if (!fault) continue;
      const before = server.received.length;
      const outcome = await refuseDuring(other.thread, calls, fault, () =>
        other.redeem({ source, folder, force: true }),
      );
      const sent = server.received.length - before;
      if (isDone(outcome)) counts.unharmed += 1;
      else if (sent) counts.kept += 1;
      else counts.refused += 1;
      await removeLock(source);
      const next = await other.redeem({ source, folder });
      const { name } = fault;
      expect({
        name,
        outcome: outcome.status,
        next: isDone(next),
        sent: server.received.length - before,
        file: (await read()).refresh_token,
        revoked: server.isRevoked(),
      }).toEqual({
        name,
        outcome: expect.stringMatching(/^(refreshed|fresh|failed)$/),
        next: true,
        sent: Math.min(sent, 1),
        file: server.current(),
        revoked: false,
      });
    }
    expect(await other.redeem({ source, folder, force: true })).toMatchObject({ status: 'refreshed' });
    await annotate(
      `${calls.length} calls, ${rounds} faults: ${counts.refused} refused before the vendor was asked, ` +
        `${counts.kept} answers kept and written later, ${counts.unharmed} without harm, 0 lost`,
    );
  },
);

describe.skipIf(!CAN_MOUNT)('on a small disk (needs the right to mount one)', () => {
  const BYTES = 262_144;

  /** Starts a process whose token file, journal or both are on a small disk. */
  async function onSmallDisk(what: 'token file' | 'journal' | 'both') {
    let meanwhile = () => {};
    const server = await rotatingServer({ fate: answer => (meanwhile(), answer) });
    const { source, folder } = await tokenFile({ tokenEndpoint: server.url });
    const { folder: mounted, within } = smallDisk(BYTES);
    const other = await OtherProcess.start({ within });
    const disk = mountedDisk(mounted, other.child.pid);
    const file = what === 'journal' ? source.file : join(mounted, 'token.json');
    const seen = what === 'journal' ? file : disk.seen(file);
    await writeFile(seen, await readFile(source.file), { mode: 0o600 });
    const order = {
      source: { ...source, file },
      folder,
      journalDir: join(what === 'token file' ? folder : mounted, 'journal'),
      force: true,
    };

    /** Refreshes and checks the outcome. If it succeeded, the file holds the newest token. */
    async function expectRedeem(expected: object, requests: number): Promise<void> {
      const before = server.received.length;
      expect(await other.redeem(order)).toMatchObject(expected);
      expect(server.received).toHaveLength(before + requests);
      expect(JSON.parse(await readFile(seen, 'utf8'))).toMatchObject({ refresh_token: server.current() });
      expect(server.isRevoked()).toBe(false);
    }
    return { disk, expectRedeem, whileAsked: (deed: () => void) => void (meanwhile = deed) };
  }

  const done = { status: 'refreshed' };
  const refused = (reason: string) => ({
    status: 'failed',
    failed: { code: 'KA_STORE_UNWRITABLE', details: { reason } },
  });

  test.for(['token file', 'journal', 'both'] as const)(
    'R2: a disk that is full, fills up during the request or is read-only loses no login: %s',
    async (what, { annotate }) => {
      const { disk, expectRedeem, whileAsked } = await onSmallDisk(what);
      const rounds = times(1, 200);
      await expectRedeem(done, 1);
      for (let round = 0; round < rounds; round += 1) {
        disk.fill();
        await expectRedeem(refused('ENOSPC'), 0);
        disk.empty();
        whileAsked(disk.fill);
        await expectRedeem(done, 1);
        whileAsked(() => {});
        disk.empty();
        disk.protect();
        await expectRedeem(refused('EROFS'), 0);
        disk.unprotect();
        await expectRedeem(done, 1);
      }
      expect(rounds).toBeGreaterThan(0);
      await annotate(
        `${rounds} times each: refused before the vendor was asked if the disk was full or read-only, ` +
          'written if it filled up meanwhile; 0 lost',
      );
    },
  );

  test('what a user decides on a full disk is refused, with what to do, and doctor says why', async () => {
    const tool = { run: ['true'], always: true };
    const outside = temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins: [['command', { id: 'acme', ...tool }]] }),
    });
    const { folder: home, within } = smallDisk(4 * BYTES);
    const { client, child } = await startDaemon(home, {
      within,
      args: ['--config', join(outside, 'keepalive.config.json')],
      env: { PATH: process.env['PATH'] },
    });
    const disk = mountedDisk(home, child.pid);
    const refused = { code: 'KA_HOME_UNUSABLE', details: { reason: 'ENOSPC' } };
    const decide = async (): Promise<unknown> => {
      await client.request('session/resume', { id: 'acme' });
      return client.request('session/pause', { id: 'acme' });
    };
    disk.fill();
    // The last page of the log may have room for a few changes.
    await vi.waitFor(() => expect(decide()).rejects.toMatchObject(refused), { timeout: 30_000 });
    await expect(client.request('session/configure', { id: 'acme', policy: { retries: 2 } })).rejects.toMatchObject(
      refused,
    );
    const about = async () => (await client.request('doctor/run')).filter(({ subject }) => subject === 'home');
    expect(await about()).toMatchObject([{ level: 'error', message: expect.stringContaining('the disk is full') }]);
    disk.empty();
    expect(await about()).toMatchObject([{ level: 'ok' }]);
    expect(await decide()).toMatchObject({ state: { name: 'halted', why: 'paused' } });
    child.kill('SIGKILL');
  });

  test('R2: a daemon on a full disk runs on, reports it, sends nothing and continues once there is space', async ({
    annotate,
  }) => {
    const server = await rotatingServer();
    const {
      source: { file, tokenEndpoint, clientId, paths },
      read,
    } = await tokenFile({ tokenEndpoint: server.url });
    const outside = temporaryHome({
      'keepalive.config.json': JSON.stringify({
        plugins: [['oauth', { id: 'acme', file, tokenEndpoint, clientId, paths }]],
        policy: { minInterval: '100ms' },
      }),
    });
    // The history and the logs of all rounds need about half of it.
    const { folder: home, within } = smallDisk(4 * BYTES);
    const daemon = await startDaemon(home, {
      within,
      args: ['--config', join(outside, 'keepalive.config.json')],
      // What mounts the disk need not be in the folder of Node.
      env: { PATH: process.env['PATH'] },
    });
    const disk = mountedDisk(home, daemon.child.pid);
    const refresh = () =>
      vi.waitFor(() => daemon.client.request('session/refresh', { id: 'acme', force: true }), { timeout: 30_000 });
    const rounds = times(1, 50);
    expect(await refresh()).toMatchObject({ state: { name: 'alive' } });
    for (let round = 0; round < rounds; round += 1) {
      disk.fill();
      const { length } = server.received;
      // The last page of the log may have room for a few changes. Then there is none for the vendor's answer.
      const refused = { outcome: 'failed', code: 'KA_HOME_UNUSABLE' };
      await vi.waitFor(async () => expect(await refresh()).toMatchObject({ lastAttempt: refused }), {
        timeout: 30_000,
      });
      expect(server.received).toHaveLength(length);
      disk.empty();
      expect(await refresh()).toMatchObject({ state: { name: 'alive' }, lastAttempt: { outcome: 'refreshed' } });
      expect(await read()).toMatchObject({ refresh_token: server.current() });
      const shown = async (): Promise<unknown> =>
        JSON.parse(await readFile(disk.seen(join(home, 'states.json')), 'utf8'));
      await vi.waitFor(async () =>
        expect(await shown()).toMatchObject({ sessions: { acme: { state: { name: 'alive' } } } }),
      );
    }
    expect(server.isRevoked()).toBe(false);
    const lines = (await readFile(disk.seen(join(home, 'keepalived.log')), 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'the state could not be saved' }));
    await annotate(`${rounds} times full and emptied: the daemon never ended and lost nothing`);
  });
});

test('R2 control: writing only after the request loses the login', async () => {
  const { server, source, read } = await setUp();
  const naive = async (write: (text: string) => Promise<void>) => {
    const { refresh_token = '' } = await read();
    const response = await fetch(source.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({ refresh_token }),
    });
    if (response.ok) await write(await response.text());
    return response.status;
  };
  await expect(naive(() => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })))).rejects.toMatchObject(
    { code: 'ENOSPC' },
  );
  expect(await naive(text => writeFile(source.file, text))).toBe(400);
  expect(server.isRevoked()).toBe(true);
});
