import { readFileSync, readdirSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { expect, test, vi } from 'vitest';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { startDaemon, temporaryHome, type Daemon } from '../support/daemon/daemon.ts';
import { OtherProcess } from '../support/io/other-process.ts';
import { noWait, tokenFile } from '../support/vendors/token-file.ts';
import { realContext } from '../support/real-context.ts';
import { IS_TORTURE, times } from '../support/runs.ts';
import { callsDuring, CAN_TRACE, killBefore, type Call } from '../support/io/strace.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

const CONCURRENT = 2;
const TIMEOUT_MS = 3_600_000;
/** More than twice as long as a refresh takes. */
const MAX_RUN_MS = 40;

/**
 * A token file behind a symbolic link, group-readable and with unknown members, and a server that revokes a token
 * family when one of its tokens is reused.
 */
async function setUp({ patient = false } = {}) {
  const server = await rotatingServer({ patient: () => patient });
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const real = join(folder, 'real', 'token.json');
  await mkdir(join(folder, 'real'));
  await rename(source.file, real);
  await writeFile(
    real,
    JSON.stringify({
      ...(await read().catch(() => ({}))),
      access_token: 'access-0',
      refresh_token: 'refresh-0',
      expires_at: 1,
      keep: { me: [1] },
    }),
  );
  await chmod(real, 0o640);
  await symlink(real, source.file);
  return { server, folder, source, read, real };
}

type SetUp = Awaited<ReturnType<typeof setUp>>;

/**
 * After any crash, the file is complete, holds the old or the new token, and keeps its mode and its link. Returns the
 * token's generation.
 */
async function expectWhole({ source, real, read, server }: SetUp): Promise<number> {
  const { access_token, refresh_token, expires_at, ...others } = await read();
  const generation = Number(refresh_token?.split('-')[1]);
  const newest = Number(server.current().split('-')[1]);
  expect([newest - 1, newest]).toContain(generation);
  expect({ access_token, expires_at, others }).toEqual({
    access_token: `access-${generation}`,
    expires_at: expect.any(Number),
    others: { keep: { me: [1] } },
  });
  expect((await stat(real)).mode & 0o777).toBe(0o640);
  expect((await lstat(source.file)).isSymbolicLink()).toBe(true);
  return generation;
}

/** Whether the newest token is in any file. If it is, the login must survive. */
const isOnDisk = ({ server, folder }: SetUp): boolean =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    entry =>
      entry.isFile() &&
      readFileSync(join(entry.parentPath, entry.name), 'utf8').replaceAll('\\', '').includes(`"${server.current()}"`),
  );

/** Files that do not belong there. */
const leftovers = async ({ folder }: SetUp): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter(
    name => !/^(journal|journal\/[0-9a-f]{32}|real|real\/token\.json|token\.json)$/.test(name),
  );

/**
 * Makes the locks of dead processes old. Returns the file with a short lock lifetime, so that the next caller does not
 * wait.
 */
async function withOldLocks({ real, source }: SetUp): Promise<TokenFile> {
  for (const lock of [`${real}.lock`, `${real}.lock.takeover`]) await utimes(lock, 0, 0).catch(() => {});
  return { ...source, lockStaleMs: 20 };
}

/**
 * If the answer reached the disk, or the token was never sent, the login works. Otherwise one last request gives
 * proof.
 */
async function expectRecovery(crashed: SetUp): Promise<'alive' | 'unread'> {
  const { server, folder, read } = crashed;
  await expectWhole(crashed);
  const hasAnswer = isOnDisk(crashed);
  const source = await withOldLocks(crashed);
  const outcome = await redeem(source, realContext(folder), noWait);
  if (!hasAnswer) {
    expect(outcome).toMatchObject({ status: 'login-required', proof: 'The vendor answered 400 invalid_grant.' });
    expect(await leftovers(crashed)).toEqual([]);
    return 'unread';
  }
  expect(outcome).toMatchObject({ status: expect.stringMatching(/^(refreshed|fresh)$/) });
  expect(await redeem(source, realContext(folder, { force: true }))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: server.current() });
  expect(server.isRevoked()).toBe(false);
  expect(await leftovers(crashed)).toEqual([]);
  return 'alive';
}

/** Where a refresh is killed: at every call, or in short runs at every call that writes or renames. */
async function killPoints(): Promise<readonly Call[]> {
  const { source, folder } = await setUp();
  const other = await OtherProcess.start({ threads: 1 });
  const calls = await callsDuring(other.thread, () => other.redeem({ source, folder }));
  await other.kill();
  const own = calls.filter(({ text }) => text.includes(folder) || !text.includes('"/'));
  return IS_TORTURE ? own : own.filter(({ name }) => /^(pwrite|rename)/.test(name));
}

test.skipIf(!CAN_TRACE)(
  'R1: a kill before any file-changing system call loses at most an answer that was not written yet',
  async ({ annotate }) => {
    const points = await killPoints();
    const killed = async (point: Call) => {
      const crashed = await setUp();
      const other = await OtherProcess.start({ threads: 1 });
      await killBefore(other.thread, point);
      void other.redeem(crashed);
      expect(await other.gone).toBe('SIGKILL');
      return { point, end: await expectRecovery(crashed) };
    };
    const ends = await pLimit(CONCURRENT).map(points, killed);
    const unread = ends.filter(({ end }) => end === 'unread').map(({ point }) => point);
    // Between receiving the answer and writing it one call remains. No program can avoid that.
    expect(unread.map(({ name, text }) => `${name} ${/"answer/.exec(text)?.[0]}`)).toEqual(['pwrite64 "answer']);
    await annotate(
      `killed before ${points.length} calls: ${ends.length - unread.length} logins work; ` +
        'the 1 whose answer was about to be written needs a vendor that answers twice',
    );
  },
);

test.skipIf(CAN_TRACE)(
  "R1: without strace, a kill before any of Node's file-changing calls loses at most one answer",
  async ({ annotate }) => {
    const whole = await setUp();
    const first = await OtherProcess.start();
    await first.dieBefore(0);
    await first.redeem(whole);
    const steps = Array.from({ length: await first.countSteps() }, (_, index) => index + 1).filter(
      step => IS_TORTURE || step % 3 === 0,
    );
    const ends = await pLimit(CONCURRENT).map(steps, async step => {
      const crashed = await setUp();
      const other = await OtherProcess.start();
      await other.dieBefore(step);
      void other.redeem(crashed);
      await other.gone;
      return expectRecovery(crashed);
    });
    expect(ends.filter(end => end === 'unread').length).toBeLessThanOrEqual(1);
    await annotate(`killed before ${steps.length} calls`);
  },
);

/**
 * Runs a process that refreshes repeatedly and kills it at a random moment. Returns whether the newest token is on the
 * disk.
 */
async function refreshUntilKilled(target: SetUp): Promise<boolean> {
  const { server, folder } = target;
  const source = await withOldLocks(target);
  const other = await OtherProcess.start();
  expect(await other.redeem({ source, folder, force: true })).toMatchObject({ status: 'refreshed' });
  expect(server.isRevoked()).toBe(false);
  expect(await leftovers(target)).toEqual([]);
  other.redeemOnAndOn({ source, folder, force: true });
  await pause(Math.random() * MAX_RUN_MS);
  await other.kill();
  await expectWhole(target);
  return isOnDisk(target);
}

/** The token is not sent while the session still works. After that, one request settles the outcome. */
async function expectLastTry(crashed: SetUp, status: 'refreshed' | 'login-required'): Promise<void> {
  const { folder } = crashed;
  const source = await withOldLocks(crashed);
  expect(await redeem(source, realContext(folder), noWait)).toMatchObject({ status: 'fresh' });
  expect(await redeem(source, realContext(folder, { now: () => Date.now() + 7_200_000 }), noWait)).toMatchObject({
    status,
  });
}

/** Kills refreshing processes `kills` times. Returns how often an answer was lost. */
async function expectToSurvive(kills: number, patient: boolean): Promise<number> {
  let lost = 0;
  let current = await setUp({ patient });
  for (let kill = 0; kill < kills; kill += 1) {
    if (await refreshUntilKilled(current)) continue;
    lost += 1;
    await expectLastTry(current, patient ? 'refreshed' : 'login-required');
    if (!patient) current = await setUp();
  }
  return lost;
}

test(
  'R1: kills at random moments leave the old file or the new one, and the login works',
  { timeout: TIMEOUT_MS },
  async ({ annotate }) => {
    const kills = times(2, 500);
    const [strict, patient] = await Promise.all([expectToSurvive(kills, false), expectToSurvive(kills, true)]);
    expect(strict + patient).toBeLessThan(kills * 2);
    await annotate(
      `killed ${kills * 2} times: ${kills * 2} files whole, 0 left over, ` +
        '0 logins lost by an answer that had arrived; ' +
        `${strict + patient} answers were in transit: asked again, a vendor that answers twice ` +
        `gave ${patient} of ${patient}, and one that revokes refused ${strict} times`,
    );
  },
);

test(
  'R1: a daemon killed many times leaves complete files and no others, and keeps the same login',
  { timeout: TIMEOUT_MS },
  async ({ annotate }) => {
    const kills = times(1, 100);
    const kept = await setUp({ patient: true });
    const { file, tokenEndpoint, clientId, paths } = kept.source;
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({
        plugins: [['oauth', { id: 'acme', file, tokenEndpoint, clientId, paths }]],
        policy: { minInterval: '100ms' },
      }),
      '.states.json.keepalive-999999999.1-aaaaaaaa': 'left by a crash',
      'journal/.0.keepalive-999999999.1-aaaaaaaa': 'left by a crash',
    });
    const expectAlive = async ({ client }: Daemon) => {
      await vi.waitFor(() => client.request('session/refresh', { id: 'acme', force: true }), { timeout: 20_000 });
      expect(await client.request('session/get', { id: 'acme' })).toMatchObject({ state: { name: 'alive' } });
      await expectWhole(kept);
      expect(await kept.read()).toMatchObject({ refresh_token: kept.server.current() });
      expect([
        ...(await leftovers(kept)),
        ...(await readdir(home, { recursive: true })).filter(name => name.includes('.keepalive-')),
      ]).toEqual([]);
    };
    for (let kill = 0; kill < kills; kill += 1) {
      const daemon = await startDaemon(home);
      await expectAlive(daemon);
      void daemon.client.request('session/refresh', { id: 'acme', force: true }).catch(() => {});
      await pause(100 + Math.random() * MAX_RUN_MS);
      void daemon.client.request('session/refresh', { id: 'acme', force: true }).catch(() => {});
      await pause(Math.random() * MAX_RUN_MS);
      daemon.client.close();
      daemon.child.kill('SIGKILL');
      await daemon.done;
      await expectWhole(kept);
      // R4 tests what happens to the lock and the record beside it.
      for (const left of ['.lock', '.lock.holder']) await rm(`${kept.real}${left}`, { recursive: true, force: true });
    }
    await expectAlive(await startDaemon(home));
    await annotate(`killed ${kills} times: the login works`);
  },
);

test('R1 control: a file that is written in place is torn', async ({ annotate }) => {
  const { source, read } = await tokenFile();
  const texts = [0, 1].map(generation =>
    JSON.stringify({ access_token: `access-${generation}`, refresh_token: `refresh-${generation}` }),
  );
  const kills = times(1, 100);
  let torn = 0;
  let done = 0;
  for (; done < kills || torn === 0; done += 1) {
    const other = await OtherProcess.start();
    other.writeOnAndOn(source.file, texts);
    await pause(Math.random() * MAX_RUN_MS);
    await other.kill();
    torn += await read().then(
      () => 0,
      () => 1,
    );
  }
  expect(torn).toBeGreaterThan(0);
  await annotate(`killed ${done} times: ${torn} files torn or empty`);
});
