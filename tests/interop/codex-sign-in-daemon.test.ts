import { execFileSync } from 'node:child_process';
import { writeFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { codexSignInMachine } from '../support/vendors/codex-sign-in-machine.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const program = findVendorProgram('codex');
/** Killed daemons in one run. */
const KILLS = Number(process.env['KEEPALIVE_ROUNDS'] ?? 10);

/** A daemon that keeps codex's login alive on its machine. */
async function scene(options: object = {}) {
  const machine = await codexSignInMachine();
  const keepalive = temporaryHome();
  const config = join(keepalive, 'keepalive.config.json');
  await writeFile(config, JSON.stringify({ plugins: [['codex', { program, home: machine.home, ...options }]] }));
  const env = { ...machine.env, CODEX_HOME: undefined, KEEPALIVE_LOG: 'debug' };
  const daemon = await startDaemon(keepalive, { args: ['--config', config], env });
  return { ...machine, keepalive, daemon };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function signIn({ daemon: { client } }: Pick<Scene, 'daemon'>, device = true) {
  const states: LoginState[] = [];
  client.on('login/didChange', ({ state }) => states.push(state));
  const started = await client.request('login/start', { id: 'codex', device });
  const reached = async (name: LoginState['name']): Promise<void> =>
    await expect.poll(() => states.map(state => state.name), { timeout: 30_000 }).toContain(name);
  const code = async (): Promise<string> => {
    await reached('open');
    const open = states.find(state => state.name === 'open');
    return open?.userCode ?? '';
  };
  return { started, states, reached, code };
}

/** The codex programs that run with this home. */
const running = (home: string): string[] =>
  execFileSync('ps', ['axeww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .filter(line => line.includes(`CODEX_HOME=${home}`) && line.includes('app-server'));

async function texts(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile());
  return (await Promise.all(files.map(file => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
}

describe.skipIf(!program)(
  `a sign-in of the daemon with the real codex (${program ?? `skipped: ${noVendorProgram('codex')}`})`,
  () => {
    test('by a code stores the new login, which counts when the user keeps it, and the code nowhere', async () => {
      const machine = await scene();
      const { server, daemon, old, stored, opened, home, keepalive } = machine;
      const { started, states, reached, code } = await signIn(machine);
      expect(started).toMatchObject({ steps: ['open'], hosts: ['auth.openai.com'], account: 'ChatGPT account' });
      const userCode = await code();
      const open = states.find(state => state.name === 'open');
      expect(open).toMatchObject({ url: 'https://auth.openai.com/codex/device' });
      expect(await stored()).toBe(old.text);
      expect(execFileSync('ps', ['axww', '-o', 'args='], { encoding: 'utf8' })).not.toContain(userCode);
      server.approve(userCode);
      await reached('confirm');
      await daemon.client.request('login/answer', { login: started.login, text: 'keep' });
      await reached('done');
      await untilSession(daemon, 'codex', ({ state }) => state.name === 'alive');
      expect(await stored()).not.toBe(old.text);
      expect(await opened()).toBeUndefined();
      await expect.poll(() => running(home), { timeout: 30_000 }).toEqual([]);
      for (const folder of [keepalive, home]) expect(await texts(folder)).not.toContain(userCode);
    }, 90_000);

    test('that is cancelled leaves the old login as it was, and ends codex', async () => {
      const machine = await scene();
      const { daemon, old, stored, home } = machine;
      const { started, states, reached } = await signIn(machine);
      await reached('open');
      expect(running(home)).not.toEqual([]);
      await daemon.client.request('login/cancel', { login: started.login });
      await reached('cancelled');
      expect(states.at(-1)).toEqual({ name: 'cancelled' });
      expect(await stored()).toBe(old.text);
      await expect.poll(() => running(home), { timeout: 30_000 }).toEqual([]);
    }, 90_000);

    test('that is denied leaves the old login as it was, and says so', async () => {
      const machine = await scene();
      const { server, old, stored } = machine;
      const { states, reached, code } = await signIn(machine);
      server.deny(await code());
      await reached('failed');
      expect(states.at(-1)).toEqual({
        name: 'failed',
        code: 'KA_LOGIN_FAILED',
        message:
          'The sign-in did not succeed: It was denied, or the code has expired. Start the sign-in again. ' +
          'The login from before is as it was.',
      });
      expect(await stored()).toBe(old.text);
    }, 90_000);

    test('in the browser of this machine shows an address without a code', async () => {
      const machine = await scene();
      const { daemon, old, stored } = machine;
      const { started, states, reached } = await signIn(machine, false);
      await reached('open');
      expect(states.find(state => state.name === 'open')).toMatchObject({
        url: expect.stringMatching(/^https:\/\/auth\.openai\.com\/oauth\/authorize/),
      });
      await daemon.client.request('login/cancel', { login: started.login });
      await reached('cancelled');
      expect(await stored()).toBe(old.text);
    }, 90_000);

    test('without the program fails with a reason', async () => {
      const { states, reached } = await signIn(await scene({ program: '/nowhere/codex' }));
      await reached('failed');
      expect(states.at(-1)).toMatchObject({ message: expect.stringContaining('There is no /nowhere/codex') });
    }, 90_000);

    test(
      `whose daemon is killed at ${KILLS} random moments leaves the old login or the new one, and no codex`,
      async () => {
        const ends: string[] = [];
        for (let kill = 0; kill < KILLS; kill++) {
          const machine = await scene();
          const { server, daemon, old, stored, home } = machine;
          const { states, code } = await signIn(machine);
          if (kill % 3 > 0) server.approve(await code());
          await delay(Math.random() * 1_800);
          daemon.child.kill('SIGKILL');
          await expect.poll(() => running(home), { timeout: 20_000 }).toEqual([]);
          const text = (await stored()) ?? '';
          const isOld = text === old.text;
          expect(isOld || server.isAlive(JSON.parse(text).tokens.account_id, text)).toBe(true);
          ends.push(`${isOld ? 'old' : 'new'} after ${states.at(-1)?.name}`);
        }
        expect(ends).toHaveLength(KILLS);
      },
      60_000 + KILLS * 30_000,
    );
  },
);
