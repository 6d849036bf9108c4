import { chmod, readFile, stat, unlink, writeFile, symlink, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recallSent } from '../../../../sdk/recipes/oauth/journal-notes.ts';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { certifiedServer } from '../../../support/vendors/certified-server.ts';
import { deviceScene } from '../../../support/vendors/device-scene.ts';
import { realContext } from '../../../support/real-context.ts';

const OLD = '{\n  "access_token": "access-0",\n  "refresh_token": "refresh-0",\n  "expires_at": 1,\n  "kept": [1]\n}\n';

async function scene(given: { readonly file?: string; readonly idToken?: string } = {}) {
  const server = await certifiedServer();
  const { tokenEndpoint, deviceEndpoint, clientId, clientSecret, scope } = server;
  const { idToken } = given;
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at', idToken };
  const device = await deviceScene({ tokenEndpoint, deviceEndpoint, clientId, clientSecret, scope, paths, ...given });
  if (!given.file) await writeFile(device.file, OLD);
  const userCode = async (): Promise<string> => {
    await expect.poll(() => device.shown.length).toBe(1);
    return device.shown[0]?.userCode ?? '';
  };
  const text = () => readFile(device.file, 'utf8');
  const json = async () => JSON.parse(await text());
  return { server, ...device, userCode, text, json };
}

const failureOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    error => error,
  );

describe('a sign-in with a code, at a certified server', () => {
  test('stores the new login when the user has approved it, and nothing before', async () => {
    const { server, shown, session, context, run, userCode, text, json, file, folder } = await scene();
    await chmod(file, 0o640);
    const signedIn = run();
    const code = await userCode();
    const { origin } = new URL(server.deviceEndpoint);
    expect(shown[0]?.url).toBe(`${origin}/device?user_code=${code}`);
    expect(shown[0]?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 300_000);
    expect(session.signIn?.hosts).toEqual([new URL(origin).host]);
    expect(await text()).toBe(OLD);
    await server.decide(code, { accountId: 'someone' });
    await signedIn;
    const login = await json();
    expect(login).toMatchObject({ kept: [1] });
    expect(login.refresh_token).not.toBe('refresh-0');
    expect(login.expires_at).toBeGreaterThan(Date.now() / 1_000 + 3_500);
    expect((await text()).startsWith('{\n  "access_token"')).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['journal', 'token.json']);
    expect(await readdir(join(folder, 'journal'))).toEqual([]);
    for (const secret of [login.access_token, login.refresh_token]) expect(context.concealed).toContain(secret);
    expect(await session.refresh(realContext(folder, { force: true }))).toMatchObject({ status: 'refreshed' });
  });

  test('creates a file that is missing, with its folder, for the user alone', async () => {
    const { server, run, userCode, json, file, folder } = await scene({ file: '~/new/deep/token.json' });
    const signedIn = run();
    await server.decide(await userCode(), { accountId: 'someone' });
    await signedIn;
    expect(Object.keys(await json())).toEqual(['access_token', 'refresh_token', 'expires_at']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['is denied', { error: 'access_denied' }, "It was denied on the vendor's page"],
    ['has expired', { error: 'expired_token' }, 'The code has expired. Start the sign-in again'],
  ])('that %s leaves the old login untouched', async (_, decision, reason) => {
    const { server, run, userCode, text } = await scene();
    const failure = failureOf(run());
    await server.decide(await userCode(), decision);
    expect(await failure).toMatchObject({ code: 'KA_LOGIN_FAILED', details: { reason } });
    expect(await text()).toBe(OLD);
  });

  test('that is cancelled leaves the old login untouched, also if it is approved later', async () => {
    const { server, run, userCode, abort, text } = await scene();
    const failure = failureOf(run());
    const code = await userCode();
    abort.abort(new Error('cancelled'));
    expect(await failure).toMatchObject({ message: 'cancelled' });
    await server.decide(code, { accountId: 'someone' });
    expect(await text()).toBe(OLD);
  });

  test('never overwrites a login that another program has stored meanwhile', async () => {
    const { server, run, userCode, text, write, context } = await scene();
    const failure = failureOf(run());
    const code = await userCode();
    await write({ access_token: 'access-9', refresh_token: 'refresh-9' });
    await server.decide(code, { accountId: 'someone' });
    expect(await failure).toMatchObject({
      details: { reason: 'Another program has changed the login meanwhile, so the new one was not stored' },
    });
    expect(await text()).toBe('{"access_token":"access-9","refresh_token":"refresh-9"}');
    expect(await recallSent(context.files, '', 'refresh-0')).toBeUndefined();
  });

  test('shows whether it is the account from before, by the id token', async () => {
    const { server, run, userCode, shown, session, context } = await scene({ idToken: 'id_token' });
    const accounts: unknown[] = [];
    for (const accountId of ['someone', 'someone', 'another']) {
      shown.length = 0;
      const signedIn = run();
      await server.decide(await userCode(), { accountId });
      await signedIn;
      accounts.push((await session.inspect?.(context))?.account);
    }
    expect(accounts[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(accounts[1]).toBe(accounts[0]);
    expect(accounts[2]).not.toBe(accounts[0]);
  });
});

test('a file that cannot be written, or is a link to nothing, is reported before the user is asked', async () => {
  const { run, file, folder, shown, write } = await scene();
  await unlink(file);
  await symlink(join(folder, 'gone.json'), file);
  await expect(run()).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
  await unlink(file);
  await writeFile(file, 'not JSON');
  await expect(run()).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
  expect(await readFile(file, 'utf8')).toBe('not JSON');
  await write({});
  expect(shown).toEqual([]);
});

test('a login that was received but not stored, because of a crash, is stored by the next attempt', async () => {
  const { server, run, userCode, context, folder, text, json } = await scene();
  const { prepare } = context.files;
  const crashed = Object.assign(new Error('crash'), { code: 'EIO' });
  // The process ends between the journal and the file: nothing after it runs, not even the clean-up of the journal.
  const remove = context.files.journal.remove.bind(context.files.journal);
  let isDown = false;
  context.files.journal.remove = async key => (isDown ? undefined : remove(key));
  context.files.prepare = async (...given) => {
    const place = await prepare(...given);
    return {
      ...place,
      commit: async () => {
        isDown = true;
        throw crashed;
      },
    };
  };
  const failure = failureOf(run());
  await server.decide(await userCode(), { accountId: 'someone' });
  expect(await failure).toBe(crashed);
  expect(await text()).toBe(OLD);
  const { tokenEndpoint, clientId, clientSecret } = server;
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' };
  const source = { file: '~/token.json', tokenEndpoint, clientId, clientSecret, paths, signIn: '' };
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect((await json()).refresh_token).not.toBe('refresh-0');
});
