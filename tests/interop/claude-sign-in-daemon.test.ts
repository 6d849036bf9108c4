import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { ROUNDS } from '../support/vendors/rounds.ts';
import { CLAUDE, claudeScene, lackingClaude, type ClaudeScene } from '../support/vendors/claude-scene.ts';

/** A daemon that keeps the scene's login, with its own home outside of it. */
async function keeping(scene: ClaudeScene, options: object = {}, home = temporaryHome()) {
  const config = join(home, 'keepalive.config.json');
  await writeFile(config, JSON.stringify({ plugins: [['claude', { program: CLAUDE, ...options }]] }));
  const daemon = await startDaemon(home, {
    args: ['--config', config],
    env: { ...scene.env, DISPLAY: ':9', KEEPALIVE_HOME: home },
  });
  await untilSession(daemon, 'claude', ({ state }) => state.name === 'alive');
  return { ...daemon, home };
}

/** Starts a sign-in and collects its states. */
async function signIn(client: KeepaliveClient) {
  const states: LoginState[] = [];
  client.on('login/didChange', ({ state }) => states.push(state));
  const started = await client.request('login/start', { id: 'claude', device: true });
  const answer = (text: string) => client.request('login/answer', { login: started.login, text });
  const reached = async <N extends LoginState['name']>(name: N, count = 1) => {
    const found = () => states.filter((state): state is LoginState & { name: N } => state.name === name);
    await expect.poll(() => found().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
    const state = found()[count - 1];
    if (!state) throw new Error(`There is no ${name}.`);
    return state;
  };
  const isOver = () => states.some(({ name }) => ['done', 'failed'].includes(name));
  const reachedEnd = async () => await expect.poll(isOver, { timeout: 40_000 }).toBe(true);
  return { started, states, answer, reached, reachedEnd };
}

/** The processes of claude that use this scene's home. */
async function claudesOf({ folder }: ClaudeScene): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async pid => {
      const [argv, env] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      ]);
      return argv.includes('auth\0login') && env.includes(`HOME=${folder}`) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

describe.skipIf(lackingClaude)(`a sign-in to claude (${lackingClaude ? `skipped: ${lackingClaude}` : CLAUDE})`, () => {
  test('asks again after a wrong code, and is alive with the right one', async () => {
    const scene = await claudeScene();
    const { client, home } = await keeping(scene);
    const { started, states, answer, reached } = await signIn(client);
    expect(started).toMatchObject({ steps: ['code'], account: 'Claude account' });
    const first = await reached('code');
    await answer('half-a-code');
    expect((await reached('code', 2)).problem).toContain('not the whole code');
    await answer('wrong#state-state-state');
    const again = await reached('code', 3);
    expect(again.problem).toContain('did not accept that code');
    expect(again.url).not.toBe(first.url);
    expect(await scene.read()).toBe(scene.before);
    const code = scene.server.authorize(again.url);
    await answer(code.replace('#', ' #'));
    await reached('done');
    expect(states.map(({ name }) => name)).toEqual(['starting', 'code', 'code', 'code', 'checking', 'done']);
    expect(await scene.isAlive(scene.server.signedIn[0] ?? '')).toBe(true);
    expect((await client.request('session/get', { id: 'claude' })).state.name).toBe('alive');
    expect(await scene.started()).toEqual([]);
    const texts = [await scene.kept(), await textsIn(home)].join('\n');
    const secrets = [first.url, again.url, code, ...code.split('#'), 'wrong#state-state-state'];
    expect(secrets.filter(secret => texts.includes(secret))).toEqual([]);
    expect(await textsIn(home)).not.toMatch(/refresh-|access-/);
    expect(await claudesOf(scene)).toEqual([]);
  }, 60_000);

  test('that is cancelled leaves the store byte for byte, and no claude', async () => {
    const scene = await claudeScene();
    const { client } = await keeping(scene);
    const { started, states, reached } = await signIn(client);
    await reached('code');
    expect(await claudesOf(scene)).toHaveLength(1);
    await client.request('login/cancel', { login: started.login });
    await reached('cancelled');
    expect([await scene.read(), states.at(-1)]).toEqual([scene.before, { name: 'cancelled' }]);
    expect(await claudesOf(scene)).toEqual([]);
  }, 60_000);

  test.each<[number, string]>([
    [200, 'HTTP 401'],
    [429, 'too many'],
    [500, 'HTTP 500'],
  ])(
    'that the vendor answers with %i fails, and keeps the login from before',
    async (status, words) => {
      const scene = await claudeScene();
      const { client } = await keeping(scene);
      const { answer, reached } = await signIn(client);
      const { url } = await reached('code');
      scene.server.refuse(status);
      await answer(scene.server.authorize(url));
      const { code, message } = await reached('failed');
      expect([code, message]).toEqual(['KA_LOGIN_FAILED', expect.stringContaining(words)]);
      expect(message).toContain('The login from before is as it was.');
      expect([await scene.read(), await scene.isAlive(scene.account)]).toEqual([scene.before, true]);
    },
    60_000,
  );

  test('starts claude again if it has ended', async () => {
    const scene = await claudeScene();
    const { client } = await keeping(scene);
    const { answer, reached } = await signIn(client);
    await reached('code');
    for (const pid of await claudesOf(scene)) process.kill(pid, 'SIGKILL');
    const { url, problem } = await reached('code', 2);
    expect(problem).toContain('started again');
    await answer(scene.server.authorize(url));
    await reached('done');
  }, 60_000);

  test('uses the folder of the option home', async () => {
    const scene = await claudeScene({}, '.claude-work');
    const { client } = await keeping(scene, { home: '~/.claude-work' });
    const { answer, reached } = await signIn(client);
    const { url } = await reached('code');
    await answer(scene.server.authorize(url));
    await reached('done');
    expect(await scene.isAlive(scene.server.signedIn[0] ?? '')).toBe(true);
    expect((await readdir(scene.folder)).includes('.claude')).toBe(false);
  }, 60_000);

  test('with another account has to be confirmed, and with another plan has not', async () => {
    const scene = await claudeScene();
    const { client } = await keeping(scene);
    const other = await signIn(client);
    scene.server.person({ uuid: 'other', email: 'me@example.test' });
    await other.answer(scene.server.authorize((await other.reached('code')).url));
    expect(await other.reached('confirm')).toMatchObject({ after: 'm…@example.test, Pro' });
    await other.answer('keep');
    await other.reached('done');
    const richer = await signIn(client);
    scene.server.person({ plan: 'max' });
    await richer.answer(scene.server.authorize((await richer.reached('code')).url));
    await richer.reached('done');
    expect(richer.states.map(({ name }) => name)).not.toContain('confirm');
  }, 60_000);

  test.each(ROUNDS.flatMap(round => [`daemon ${round}`, `claude ${round}`]))(
    'that is killed at a random moment (%s) leaves the old login or the new one, and no claude',
    async killed => {
      const scene = await claudeScene();
      const { client, child, done, home } = await keeping(scene);
      const { answer, reached, reachedEnd } = await signIn(client);
      const { url } = await reached('code');
      await answer(scene.server.authorize(url));
      await setTimeout(Math.random() * 400);
      if (killed.startsWith('daemon')) child.kill('SIGKILL');
      else for (const pid of await claudesOf(scene)) process.kill(pid, 'SIGKILL');
      if (killed.startsWith('daemon')) await done;
      else await reachedEnd();
      await expect.poll(() => claudesOf(scene), { timeout: 30_000 }).toEqual([]);
      if (killed.startsWith('daemon')) {
        // Without its states, the next daemon makes an attempt at once and not up to 30 minutes later.
        await rm(join(home, 'states.json'));
        await keeping(scene, {}, home);
      }
      const accounts = [scene.account, ...scene.server.signedIn];
      const holdsOne = async () => (await Promise.all(accounts.map(scene.isAlive))).includes(true);
      await expect.poll(holdsOne, { timeout: 30_000 }).toBe(true);
      await expect.poll(() => readdir(join(home, 'journal')).catch(() => [])).toEqual([]);
    },
    60_000,
  );
});

async function textsIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(file => readFile(file, 'utf8')))).join('\n');
}
