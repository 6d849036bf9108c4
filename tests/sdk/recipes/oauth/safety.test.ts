import { readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Files } from '../../../../sdk/plugin/files.ts';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { realContext, temporaryFolder } from '../../../support/real-context.ts';
import { tokenFile } from '../../../support/vendors/token-file.ts';
import { rotatingServer } from '../../../support/vendors/token-server.ts';

const full = () => new KeepaliveError('KA_STORE_UNWRITABLE', { reason: 'ENOSPC' });

/** Real files with some functions replaced. */
const filesWith = (folder: string, change: (files: Files) => Partial<Files>) => {
  const { files } = realContext(folder);
  return { ...files, ...change(files) };
};

const withoutCommit = ({ prepare }: Files): Partial<Files> => ({
  prepare: async path => ({ ...(await prepare(path)), commit: () => Promise.reject(full()) }),
});

test('a second attempt at the same time finds the session fresh, even if forced', async () => {
  const server = await rotatingServer();
  const { folder, source } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, files => ({
    lock: async (path, options) => {
      await redeem(source, realContext(folder));
      return files.lock(path, options);
    },
  }));
  expect(await redeem(source, realContext(folder, { files, force: true }))).toMatchObject({ status: 'fresh' });
  expect(server.received).toHaveLength(1);
});

test('a lock of another program defers until it can be stale, and the other locks are released', async () => {
  const { folder, source } = await tokenFile();
  const locks = [join(folder, 'one.lock'), join(folder, 'two.lock')];
  const context = realContext(folder);
  const release = await context.files.lock(join(folder, 'two.lock'));
  const { modifiedAt = 0 } = (await context.files.stat(join(folder, 'two.lock'))) ?? {};
  const until = new Date(Math.ceil(modifiedAt) + 60_001);
  expect(await redeem({ ...source, locks, lockStaleMs: 60_000 }, context)).toMatchObject({ status: 'deferred', until });
  expect(await readdir(folder)).not.toContain('one.lock');
  await release?.();
});

test('if the disk refuses space, nothing is sent', async () => {
  const server = await rotatingServer();
  const { folder, source } = await tokenFile({ tokenEndpoint: server.url });
  const refusing: ((files: Files) => Partial<Files>)[] = [
    () => ({ lock: () => Promise.reject(full()) }),
    () => ({ prepare: () => Promise.reject(full()) }),
    ({ journal }) => ({ journal: { ...journal, begin: () => Promise.reject(full()) } }),
  ];
  for (const change of refusing) {
    await expect(redeem(source, realContext(folder, { files: filesWith(folder, change) }))).rejects.toMatchObject({
      code: 'KA_STORE_UNWRITABLE',
    });
  }
  expect(server.received).toEqual([]);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
});

test('the next attempt writes a successor that could not be written, with its expiry, and sends nothing', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, withoutCommit);
  await expect(redeem(source, realContext(folder, { files, now: () => 1.8e12 }))).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
  });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-0' });
  const context = realContext(folder, { now: () => 1.8e12 + 60_000 });
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed', expiresAt: new Date(1.8e12 + 3_600_000) });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1', expires_at: 1.8e9 + 3_600 });
  expect(context.concealed).toContain('refresh-1');
  expect(server.received).toHaveLength(1);
});

test('a successor is written at the next attempt, even if nothing is due', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url }, { expires_at: 9e9 });
  const files = filesWith(folder, withoutCommit);
  await expect(redeem(source, realContext(folder, { files, force: true }))).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
  });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'fresh' });
});

/** Moves the file, and leaves a link to it. */
async function moveBehindLink(file: string): Promise<void> {
  const elsewhere = join(await temporaryFolder(), 'moved.json');
  await rename(file, elsewhere);
  await symlink(elsewhere, file);
}

test('a successor that could not be written is written to its moved file', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, withoutCommit);
  await expect(redeem(source, realContext(folder, { files }))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
  await moveBehindLink(source.file);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect(server.received).toHaveLength(1);
});

test('a token whose response was lost is not sent again from its moved file', async () => {
  const { folder, source } = await tokenFile({}, { expires_at: 2_000 });
  const given = { now: () => 1_900_000, fetch: () => Promise.reject(new Error('reset')) };
  await expect(redeem(source, realContext(folder, given))).rejects.toMatchObject({
    code: 'KA_OFFLINE',
    details: { answer: 'lost' },
  });
  await moveBehindLink(source.file);
  expect(await redeem(source, realContext(folder, given))).toMatchObject({
    status: 'deferred',
    until: new Date(2_000_000),
  });
});

test('a file that was missing during the renewal gets the successor when it is back', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const away = join(folder, 'away.json');
  const { fetch: ask } = realContext(folder);
  const fetch: typeof ask = async (...request) => {
    const response = await ask(...request);
    await rename(source.file, away);
    return response;
  };
  expect(await redeem(source, realContext(folder, { fetch }))).toMatchObject({ status: 'unavailable' });
  await rename(away, source.file);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect(server.received).toHaveLength(1);
});

test('a successor of a token that the owner has replaced is dropped', async () => {
  const server = await rotatingServer();
  const { folder, source, read, write } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, withoutCommit);
  await expect(redeem(source, realContext(folder, { files }))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
  const owners = { access_token: 'of-the-owner', refresh_token: 'of-the-owner', expires_at: 9e9 };
  await write(owners);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'fresh' });
  expect(await read()).toEqual(owners);
});

test('the response for a token that does not rotate is not kept, because the file may be newer', async () => {
  const { folder, source, read, write } = await tokenFile();
  const given = {
    files: filesWith(folder, withoutCommit),
    fetch: async () => Response.json({ access_token: 'access-1' }),
  };
  await expect(redeem(source, realContext(folder, given))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
  const newer = { access_token: 'of-the-owner', refresh_token: 'refresh-0', expires_at: 9e9 };
  await write(newer);
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'fresh' });
  expect(await read()).toEqual(newer);
});

test('a file that changed during the request wins', async () => {
  const { folder, source, read, write } = await tokenFile();
  const owners = { access_token: 'of-the-owner', refresh_token: 'of-the-owner', expires_at: 9e9 };
  const fetch = async () => {
    await write(owners);
    return Response.json({ access_token: 'access-1', refresh_token: 'refresh-1' });
  };
  expect(await redeem(source, realContext(folder, { fetch }))).toMatchObject({
    status: 'fresh',
    expiresAt: new Date(9e12),
  });
  expect(await read()).toEqual(owners);
});

test('a sign-out during the request is kept', async () => {
  const { folder, source, read, write } = await tokenFile();
  const fetch = async () => {
    await write({ other: 1 });
    return Response.json({ access_token: 'access-1', refresh_token: 'refresh-1' });
  };
  expect(await redeem(source, realContext(folder, { fetch }))).toMatchObject({ status: 'unavailable' });
  expect(await read()).toEqual({ other: 1 });
});

test('a journal that is full after the response does no harm', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, ({ journal }) => ({
    journal: {
      ...journal,
      begin: async (key, line) => ({ ...(await journal.begin(key, line)), add: () => Promise.reject(full()) }),
    },
  }));
  const context = realContext(folder, { files });
  expect(await redeem(source, context)).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect(context.lines).toHaveLength(1);
});

test('a token that is overwritten at once is no success, and is written again', async () => {
  const server = await rotatingServer();
  const { folder, source, read } = await tokenFile({ tokenEndpoint: server.url });
  const files = filesWith(folder, ({ prepare }) => ({
    prepare: async path => {
      const place = await prepare(path);
      const before = JSON.stringify(await read());
      return { ...place, commit: text => place.commit(text).then(() => writeFile(path, before)) };
    },
  }));
  await expect(redeem(source, realContext(folder, { files }))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
  expect(server.received).toHaveLength(1);
});

test("the owner's guard is held during the last read and the write", async () => {
  const { folder, source, read, write } = await tokenFile();
  const owners = { access_token: 'of-the-owner', refresh_token: 'of-the-owner', expires_at: 9e9 };
  const guard = async (install: () => Promise<void>) => {
    await write(owners);
    await install();
  };
  const given = { fetch: async () => Response.json({ access_token: 'access-1', refresh_token: 'refresh-1' }) };
  expect(await redeem({ ...source, guard }, realContext(folder, given))).toMatchObject({ status: 'fresh' });
  expect(await read()).toEqual(owners);
});
