import { chmod, lstat, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inspectTokenFile, redeem, watchTokenFile } from '../../../../sdk/recipes/oauth/redeem.ts';
import { realContext } from '../../../support/real-context.ts';
import { noWait, tokenFile } from '../../../support/vendors/token-file.ts';
import { rotatingServer, tokenServer } from '../../../support/vendors/token-server.ts';
import { jwt } from '../../../support/vendors/tokens.ts';

test('a due token is redeemed once, and other members of the file are kept', async () => {
  const { url, received } = await rotatingServer();
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  await writeFile(
    source.file,
    '{\n  "keep": null,\n  "access_token": "access-0",\n' +
      '  "refresh_token": "refresh-0",\n  "expires_at": 1,\n  "id": 7\n}\n',
  );
  const context = realContext(folder, { now: () => 1.8e12 });
  expect(await redeem(source, context)).toEqual({
    method: 'redeem',
    status: 'refreshed',
    expiresAt: new Date(1.8e12 + 3_600_000),
    loginExpiresAt: undefined,
  });
  expect(await readFile(source.file, 'utf8')).toBe(
    '{\n  "keep": null,\n  "access_token": "access-1",\n' +
      '  "refresh_token": "refresh-1",\n  "expires_at": 1800003600,\n  "id": 7\n}\n',
  );
  expect(await redeem(source, context)).toMatchObject({ status: 'fresh', expiresAt: new Date(1.8e12 + 3_600_000) });
  expect(received.map(({ text }) => text)).toEqual([
    'refresh_token=refresh-0&grant_type=refresh_token&client_id=client',
  ]);
  expect([...context.concealed]).toEqual(expect.arrayContaining(['access-0', 'refresh-0', 'access-1', 'refresh-1']));
});

test.each([253_402_300_799, '9999-12-31T23:59:59Z', 1.7e15])(
  'a token with the expiry %j is renewed',
  async expires_at => {
    const { url } = await rotatingServer();
    const { folder, source, write } = await tokenFile({ tokenEndpoint: url });
    await write({ access_token: 'access-0', refresh_token: 'refresh-0', expires_at });
    expect(await redeem(source, realContext(folder, { now: () => 1.8e12 }))).toMatchObject({
      status: 'refreshed',
      expiresAt: new Date(1.8e12 + 3_600_000),
    });
    expect(await redeem(source, realContext(folder, { now: () => 1.8e12 }))).toMatchObject({ status: 'fresh' });
  },
);

test('a token that lasts longer by the clock alone is renewed if the clock was set back since', async () => {
  const { url } = await rotatingServer();
  const { folder, source, write } = await tokenFile({ tokenEndpoint: url });
  const now = () => 1.8e12;
  const after = (at: number) => realContext(folder, { now, last: { status: 'fresh', at } });
  const lasting = { refresh_token: 'refresh-0', expires_at: 1.8e9 + 7_200 };
  const claims = { iat: 1.8e9 - 60, exp: 1.8e9 + 7_200 };
  await write({ access_token: jwt(claims), ...lasting });
  expect(await redeem(source, after(1.8e12 + 60_000))).toMatchObject({
    status: 'fresh',
  });
  await write({ access_token: 'access-0', ...lasting });
  expect(await redeem(source, after(1.8e12 - 60_000))).toMatchObject({ status: 'fresh' });
  expect(await redeem(source, after(1.8e12 + 60_000))).toMatchObject({ status: 'refreshed' });
});

test.each([
  ['slept', 1.8e12 + 7_200_000, 1.8e12],
  ['had its clock set back', 1.8e12 - 7_200_000, 1.8e12 - 7_200_000],
])('the life of a token does not begin later if the machine %s before the answer came', async (_, later, began) => {
  let now = 1.8e12;
  const { url } = await tokenServer(() => {
    now = later;
    return { body: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3_600 } };
  });
  const { folder, source, read } = await tokenFile({ tokenEndpoint: url });
  await redeem(source, realContext(folder, { now: () => now }));
  expect(await read()).toMatchObject({ access_token: 'access-1', expires_at: (began + 3_600_000) / 1_000 });
});

test('the file keeps its mode, and a symbolic link is kept', async () => {
  const { url } = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: url });
  const real = join(folder, 'real.json');
  await rename(source.file, real);
  await symlink(real, source.file);
  await chmod(real, 0o640);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect((await lstat(source.file)).isSymbolicLink()).toBe(true);
  expect((await stat(real)).mode & 0o777).toBe(0o640);
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect((await readdir(folder)).toSorted()).toEqual(['journal', 'real.json', 'token.json']);
});

test('the request is form or JSON, with the configured secret, scope and headers', async () => {
  const { url, received } = await tokenServer(() => ({ body: { access_token: 'access-1' } }));
  const given = { tokenEndpoint: url, clientSecret: 'CANARY', scope: 'a b', headers: { 'User-Agent': 'acme' } };
  const form = await tokenFile(given);
  await redeem(form.source, realContext(form.folder));
  const json = await tokenFile({ ...given, body: 'json' });
  await redeem(json.source, realContext(json.folder));
  const fields = {
    refresh_token: 'refresh-0',
    grant_type: 'refresh_token',
    client_id: 'client',
    client_secret: 'CANARY',
    scope: 'a b',
  };
  expect(Object.fromEntries(new URLSearchParams(received[0]?.text))).toEqual(fields);
  expect(JSON.parse(received[1]?.text ?? '')).toEqual(fields);
  expect(received.map(({ headers }) => [headers['content-type'], headers['user-agent']])).toEqual([
    ['application/x-www-form-urlencoded;charset=UTF-8', 'acme'],
    ['application/json', 'acme'],
  ]);
});

test.each([
  [
    'without a token type',
    { status: 200, body: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 60 } },
  ],
  [
    'with a 201',
    {
      status: 201,
      body: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: '60', token_type: 'bearer' },
    },
  ],
  [
    'with a broken id_token',
    {
      body: {
        access_token: 'access-1',
        refresh_token: 'refresh-1',
        id_token: 'x.y',
        expires_in: 60,
        token_type: 'mac',
      },
    },
  ],
  [
    'as text',
    {
      headers: { 'content-type': 'text/plain' },
      body: { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 60 },
    },
  ],
  ['without an expiry', { body: { access_token: 'access-1', refresh_token: 'refresh-1' } }],
])('a reply %s loses no token', async (_, reply) => {
  const { url } = await tokenServer(() => reply);
  const { folder, source, read } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-1' });
});

test('tokens that are missing in the reply are kept', async () => {
  const replies = [{ access_token: 'access-1' }, { refresh_token: 'refresh-2' }];
  const { url } = await tokenServer((_, count) => ({ body: replies[count - 1] }));
  const { folder, source, read } = await tokenFile({ tokenEndpoint: url });
  await redeem(source, realContext(folder, { force: true }));
  expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-0' });
  await redeem(source, realContext(folder, { force: true }));
  expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-2' });
});

test('if the file has no place for the expiry, the journal keeps it for this token', async () => {
  const { url, received } = await rotatingServer();
  const { folder, source, write } = await tokenFile({
    tokenEndpoint: url,
    paths: { access: 'access_token', refresh: 'refresh_token' },
  });
  const context = realContext(folder, { now: () => 1.8e12 });
  const expiresAt = new Date(1.8e12 + 3_600_000);
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed', expiresAt });
  expect(await redeem(source, context)).toMatchObject({ status: 'fresh', expiresAt });
  expect(await inspectTokenFile(source, context)).toMatchObject({ present: true, expiresAt });
  expect(received).toHaveLength(1);
  await write({ access_token: 'of-the-owner', refresh_token: 'of-the-owner' });
  expect((await inspectTokenFile(source, context)).expiresAt).toBeUndefined();
});

test('a reply without an expiry removes the old expiry', async () => {
  const { url } = await tokenServer(() => ({ body: { access_token: 'access-1', refresh_token: 'refresh-1' } }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  expect(await redeem(source, realContext(folder))).toEqual({
    method: 'redeem',
    status: 'refreshed',
    expiresAt: undefined,
    loginExpiresAt: undefined,
  });
  expect(await redeem(source, realContext(folder, { reason: 'changed' }))).toMatchObject({
    status: 'fresh',
    expiresAt: undefined,
  });
});

test('the expiry in a JWT is used, and it is left alone in the first half of its life', async () => {
  const { folder, source, write } = await tokenFile({ paths: { access: 'access_token', refresh: 'refresh_token' } });
  await write({ access_token: jwt({ iat: 1_000, exp: 1_100 }), refresh_token: 'refresh-0' });
  const at = (seconds: number, force = false) =>
    realContext(folder, { now: () => seconds * 1_000, force, fetch: async () => new Response('', { status: 503 }) });
  expect(await redeem(source, at(1_049))).toEqual({
    method: 'redeem',
    status: 'fresh',
    expiresAt: new Date(1_100_000),
    loginExpiresAt: undefined,
  });
  await expect(redeem(source, at(1_050))).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  await expect(redeem(source, at(1_049, true))).rejects.toMatchObject({ code: 'KA_OFFLINE' });
});

test('without a token to redeem it is unavailable', async () => {
  const { folder, source, write } = await tokenFile();
  await write({ access_token: 'access-0', refresh_token: '' });
  expect(await redeem(source, realContext(folder))).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('Run `acme login`.'),
  });
  await rm(source.file);
  expect(await redeem(source, realContext(folder))).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('There is no'),
  });
  expect(await inspectTokenFile(source, realContext(folder))).toMatchObject({ present: false, store: source.file });
});

test('a torn file is a failure, not a missing login', async () => {
  const { folder, source } = await tokenFile();
  await writeFile(source.file, '{"access_token":');
  await expect(redeem(source, realContext(folder), noWait)).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
});

test('the fingerprint changes with the credential, and a change is reported', async () => {
  const { folder, source, write } = await tokenFile();
  const context = realContext(folder);
  const before = await inspectTokenFile(source, context);
  expect(before).toMatchObject({ present: true, method: 'redeem', expiresAt: new Date(1_000) });
  expect(JSON.stringify(before)).not.toMatch(/access-0|refresh-0/);
  const changed = vi.fn<() => void>();
  onTestFinished(watchTokenFile(source, context, changed));
  await write({ access_token: 'access-9', refresh_token: 'refresh-0', expires_at: 9 });
  await expect.poll(() => changed.mock.calls.length).toBe(1);
  expect((await inspectTokenFile(source, context)).fingerprint).not.toBe(before.fingerprint);
});
