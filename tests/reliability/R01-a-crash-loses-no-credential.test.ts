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

const AT_ONCE = 2;
const KILLED_LIMIT_MS = 3_600_000;
/** A refresh takes less than half of it. */
const LONGEST_LIFE_MS = 40;

/** A token file behind a symbolic link, readable by the group, with more in it than ours; and a server that revokes the family of a token that comes back. */
async function scene({ patient = false } = {}) {
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

type Scene = Awaited<ReturnType<typeof scene>>;

/** What must be so after any crash: the file is the old one or the new one, whole, and still as open and where it was. Gives its generation. */
async function expectWhole({ source, real, read, server }: Scene): Promise<number> {
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

/** Whether the newest token is anywhere on the disk: if it is, it must not be lost. */
const isOnDisk = ({ server, folder }: Scene): boolean =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    entry =>
      entry.isFile() &&
      readFileSync(join(entry.parentPath, entry.name), 'utf8').replaceAll('\\', '').includes(`"${server.current()}"`),
  );

/** What else there is than what belongs there. */
const strays = async ({ folder }: Scene): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter(
    name => !/^(journal|journal\/[0-9a-f]{32}|real|real\/token\.json|token\.json)$/.test(name),
  );

/** Time enough passes for the locks of the dead. Gives the file as seen by someone who then wants to wait no longer. */
async function afterAWhile({ real, source }: Scene): Promise<TokenFile> {
  for (const lock of [`${real}.lock`, `${real}.lock.takeover`]) await utimes(lock, 0, 0).catch(() => {});
  return { ...source, lockStaleMs: 20 };
}

/** Where the answer is on the disk, or was never sent, the login lives; where it is not, the state says so after one last try. */
async function expectRecovery(crashed: Scene): Promise<'alive' | 'unread'> {
  const { server, folder, read } = crashed;
  await expectWhole(crashed);
  const isKnown = isOnDisk(crashed);
  const source = await afterAWhile(crashed);
  const outcome = await redeem(source, realContext(folder), noWait);
  if (!isKnown) {
    expect(outcome).toMatchObject({ status: 'login-required', proof: 'The vendor answered 400 invalid_grant.' });
    expect(await strays(crashed)).toEqual([]);
    return 'unread';
  }
  expect(outcome).toMatchObject({ status: expect.stringMatching(/^(refreshed|fresh)$/) });
  expect(await redeem(source, realContext(folder, { force: true }))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: server.current() });
  expect(server.isRevoked()).toBe(false);
  expect(await strays(crashed)).toEqual([]);
  return 'alive';
}

/** Where a refresh is killed: everywhere, or in everyday runs wherever content is written or moved. */
async function killPoints(): Promise<readonly Call[]> {
  const { source, folder } = await scene();
  const other = await OtherProcess.start({ threads: 1 });
  const calls = await callsDuring(other.thread, () => other.redeem({ source, folder }));
  await other.kill();
  const own = calls.filter(({ text }) => text.includes(folder) || !text.includes('"/'));
  return IS_TORTURE ? own : own.filter(({ name }) => /^(pwrite|rename)/.test(name));
}

test.skipIf(!CAN_TRACE)(
  'R1: killed by the system right before any of its calls that change files, it loses at most an answer that was not written yet',
  async ({ annotate }) => {
    const points = await killPoints();
    const killed = async (point: Call) => {
      const crashed = await scene();
      const other = await OtherProcess.start({ threads: 1 });
      await killBefore(other.thread, point);
      void other.redeem(crashed);
      expect(await other.gone).toBe('SIGKILL');
      return { point, end: await expectRecovery(crashed) };
    };
    const ends = await pLimit(AT_ONCE).map(points, killed);
    const unread = ends.filter(({ end }) => end === 'unread').map(({ point }) => point);
    // One step is left between the answer and the disk, and nobody can take it away.
    expect(unread.map(({ name, text }) => `${name} ${/"answer/.exec(text)?.[0]}`)).toEqual(['pwrite64 "answer']);
    await annotate(
      `killed before ${points.length} calls: ${ends.length - unread.length} logins live on; the 1 whose answer was about to be written needs a vendor that answers twice`,
    );
  },
);

test.skipIf(CAN_TRACE)(
  "R1: killed by itself right before any call of Node's that changes files, where the system cannot be told to",
  async ({ annotate }) => {
    const whole = await scene();
    const first = await OtherProcess.start();
    await first.dieBefore(0);
    await first.redeem(whole);
    const steps = Array.from({ length: await first.countSteps() }, (_, index) => index + 1).filter(
      step => IS_TORTURE || step % 3 === 0,
    );
    const ends = await pLimit(AT_ONCE).map(steps, async step => {
      const crashed = await scene();
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

/** A process that refreshes on and on, until it is killed at some moment of it. Tells whether the login could live on. */
async function lifeAndDeath(living: Scene): Promise<boolean> {
  const { server, folder } = living;
  const source = await afterAWhile(living);
  const other = await OtherProcess.start();
  expect(await other.redeem({ source, folder, force: true })).toMatchObject({ status: 'refreshed' });
  expect(server.isRevoked()).toBe(false);
  expect(await strays(living)).toEqual([]);
  other.redeemOnAndOn({ source, folder, force: true });
  await pause(Math.random() * LONGEST_LIFE_MS);
  await other.kill();
  await expectWhole(living);
  return isOnDisk(living);
}

/** While the session works, nothing is risked; once it has ended, one more request tells. */
async function expectLastTry(crashed: Scene, status: 'refreshed' | 'login-required'): Promise<void> {
  const { folder } = crashed;
  const source = await afterAWhile(crashed);
  expect(await redeem(source, realContext(folder), noWait)).toMatchObject({ status: 'fresh' });
  expect(await redeem(source, realContext(folder, { now: () => Date.now() + 7_200_000 }), noWait)).toMatchObject({
    status,
  });
}

/** One login after another, until there have been so many kills. Gives how often an answer was lost. */
async function expectToLiveOn(kills: number, patient: boolean): Promise<number> {
  let lost = 0;
  let current = await scene({ patient });
  for (let kill = 0; kill < kills; kill += 1) {
    if (await lifeAndDeath(current)) continue;
    lost += 1;
    await expectLastTry(current, patient ? 'refreshed' : 'login-required');
    if (!patient) current = await scene();
  }
  return lost;
}

test(
  'R1: killed at random moments of refreshing without an end, it leaves the old file or the new one, and lives on',
  { timeout: KILLED_LIMIT_MS },
  async ({ annotate }) => {
    const kills = times(2, 500);
    const [strict, patient] = await Promise.all([expectToLiveOn(kills, false), expectToLiveOn(kills, true)]);
    expect(strict + patient).toBeLessThan(kills * 2);
    await annotate(
      `killed ${kills * 2} times: ${kills * 2} files whole, 0 strays, 0 logins lost by what had arrived; ${strict + patient} answers were on their way: ` +
        `asked again, a vendor that answers twice gave ${patient} of ${patient}, and one that revokes said no ${strict} times`,
    );
  },
);

test(
  'R1: a daemon that is killed again and again leaves whole files and nothing else, and goes on with the same login',
  { timeout: KILLED_LIMIT_MS },
  async ({ annotate }) => {
    const kills = times(1, 100);
    const kept = await scene({ patient: true });
    const { file, tokenEndpoint, clientId, paths } = kept.source;
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({
        plugins: [['oauth', { id: 'acme', file, tokenEndpoint, clientId, paths }]],
        policy: { minInterval: '100ms' },
      }),
      '.states.json.keepalive-999999999.1-aaaaaaaa': 'what a crash left',
      'journal/.0.keepalive-999999999.1-aaaaaaaa': 'what a crash left',
    });
    const expectAlive = async ({ client }: Daemon) => {
      await vi.waitFor(() => client.request('session/refresh', { id: 'acme', force: true }), { timeout: 20_000 });
      expect(await client.request('session/get', { id: 'acme' })).toMatchObject({ state: { name: 'alive' } });
      await expectWhole(kept);
      expect(await kept.read()).toMatchObject({ refresh_token: kept.server.current() });
      expect([
        ...(await strays(kept)),
        ...(await readdir(home, { recursive: true })).filter(name => name.includes('.keepalive-')),
      ]).toEqual([]);
    };
    for (let kill = 0; kill < kills; kill += 1) {
      const daemon = await startDaemon(home);
      await expectAlive(daemon);
      void daemon.client.request('session/refresh', { id: 'acme', force: true }).catch(() => {});
      await pause(100 + Math.random() * LONGEST_LIFE_MS);
      void daemon.client.request('session/refresh', { id: 'acme', force: true }).catch(() => {});
      await pause(Math.random() * LONGEST_LIFE_MS);
      daemon.client.close();
      daemon.child.kill('SIGKILL');
      await daemon.done;
      await expectWhole(kept);
      // The lock and the record beside it: what becomes of them is another promise.
      for (const left of ['.lock', '.lock.holder']) await rm(`${kept.real}${left}`, { recursive: true, force: true });
    }
    await expectAlive(await startDaemon(home));
    await annotate(`killed ${kills} times: the login lives on`);
  },
);

test('R1, the control: what is written in place is torn', async ({ annotate }) => {
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
    await pause(Math.random() * LONGEST_LIFE_MS);
    await other.kill();
    torn += await read().then(
      () => 0,
      () => 1,
    );
  }
  expect(torn).toBeGreaterThan(0);
  await annotate(`killed ${done} times: ${torn} files torn or empty`);
});
