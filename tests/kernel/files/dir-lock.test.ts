import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { expect, test, vi } from 'vitest';
import { takeDirLock } from '../../../kernel/files/dir-lock.ts';
import { temporaryFolder } from '../../support/real-context.ts';

async function scene() {
  const folder = await temporaryFolder();
  return { folder, path: join(folder, 'a.lock') };
}

/** A lock whose holder has not been seen for so many seconds. */
async function orphan(path: string, seconds: number): Promise<void> {
  await mkdir(path);
  const then = new Date(Date.now() - seconds * 1_000);
  await utimes(path, then, then);
}

test('one holds it; the next gets it when it is released', async () => {
  const { folder, path } = await scene();
  const release = await takeDirLock(path);
  expect(await takeDirLock(path)).toBeUndefined();
  await release?.();
  const next = await takeDirLock(path);
  expect(next).toBeDefined();
  await release?.();
  expect(await readdir(folder)).toEqual(['a.lock']);
  await next?.();
  expect(await readdir(folder)).toEqual([]);
});

test('proper-lockfile and we respect each other', async () => {
  const { path } = await scene();
  const options = { lockfilePath: path, realpath: false };
  const ours = await takeDirLock(path);
  await expect(lockfile.lock(path, options)).rejects.toMatchObject({ code: 'ELOCKED' });
  await ours?.();
  const release = await lockfile.lock(path, options);
  expect(await takeDirLock(path)).toBeUndefined();
  await release();
});

test('a lock that nobody keeps young is taken over, one that is younger is not', async () => {
  const { folder, path } = await scene();
  await orphan(path, 11);
  expect(await takeDirLock(path, 60_000)).toBeUndefined();
  const release = await takeDirLock(path, 100);
  expect(release).toBeDefined();
  expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(10_000);
  await release?.();
  expect(await readdir(folder)).toEqual([]);
});

test('a taker that died in the middle of taking over holds nobody up for long', async () => {
  const { folder, path } = await scene();
  await orphan(path, 60);
  await orphan(`${path}.takeover`, 60);
  expect(await takeDirLock(path, 100)).toBeUndefined();
  expect(await takeDirLock(path, 100)).toBeDefined();
  expect(await readdir(folder)).toEqual(['a.lock']);
});

test('it is kept young while it is held', async () => {
  const { path } = await scene();
  const release = await takeDirLock(path, 20);
  const { mtimeMs } = await stat(path);
  await expect.poll(async () => (await stat(path)).mtimeMs).toBeGreaterThan(mtimeMs);
  await release?.();
});

test('a holder that was taken for dead does not remove the lock of the next', async () => {
  const { folder, path } = await scene();
  const late = await takeDirLock(path);
  await utimes(path, new Date(0), new Date(0));
  const next = await takeDirLock(path, 100);
  expect(next).toBeDefined();
  await late?.();
  expect(await readdir(folder)).toEqual(['a.lock']);
});

test('a lock from the future, left by a clock that was set back, is taken over once it was seen to rest', async () => {
  const { path } = await scene();
  await orphan(path, -86_400);
  expect(await takeDirLock(path, 1)).toBeUndefined();
  await vi.waitUntil(() => takeDirLock(path, 1), { timeout: 15_000 });
  expect(Date.now() - (await stat(path)).mtimeMs).toBeGreaterThan(-60_000);
});

test('where no lock can be made, it says why', async () => {
  const { folder } = await scene();
  await writeFile(join(folder, 'file'), '');
  await expect(takeDirLock(join(folder, 'none', 'a.lock'))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE', details: { reason: 'ENOENT' } });
  await expect(takeDirLock(join(folder, 'file', 'a.lock'))).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE', details: { reason: 'ENOTDIR' } });
});
