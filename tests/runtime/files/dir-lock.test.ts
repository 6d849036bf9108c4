import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { takeDirLock } from '../../../runtime/files/dir-lock.ts';
import { temporaryFolder } from '../../support/real-context.ts';

async function scene() {
  const folder = await temporaryFolder();
  return { folder, path: join(folder, 'a.lock') };
}

/** The locks without the records of their holders. */
const locksIn = async (folder: string) => (await readdir(folder)).filter(name => !name.endsWith('.holder'));

/** A lock that its holder has not touched for this many seconds. */
async function orphan(path: string, seconds: number): Promise<void> {
  await mkdir(path);
  const then = new Date(Date.now() - seconds * 1_000);
  await utimes(path, then, then);
}

test('one holder at a time; the next gets the lock when it is released', async () => {
  const { folder, path } = await scene();
  const release = await takeDirLock(path);
  expect(await takeDirLock(path)).toBeUndefined();
  await release?.();
  const next = await takeDirLock(path);
  expect(next).toBeDefined();
  await release?.();
  expect(await locksIn(folder)).toEqual(['a.lock']);
  await next?.();
  expect(await readdir(folder)).toEqual([]);
});

test('proper-lockfile and this lock exclude each other', async () => {
  const { path } = await scene();
  const options = { lockfilePath: path, realpath: false };
  const ours = await takeDirLock(path);
  await expect(lockfile.lock(path, options)).rejects.toMatchObject({ code: 'ELOCKED' });
  await ours?.();
  const release = await lockfile.lock(path, options);
  expect(await takeDirLock(path)).toBeUndefined();
  await release();
});

test('a lock that is not touched any more is taken over; a fresher one is not', async () => {
  const { folder, path } = await scene();
  await orphan(path, 11);
  expect(await takeDirLock(path, 60_000)).toBeUndefined();
  const release = await takeDirLock(path, 100);
  expect(release).toBeDefined();
  expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(10_000);
  await release?.();
  expect(await readdir(folder)).toEqual([]);
});

test('a lock that is touched as rarely as proper-lockfile does is not taken after the machine slept', async () => {
  const { folder, path } = await scene();
  await orphan(path, 600);
  const staleMs = 2_000;
  // The last beat before the next is due: proper-lockfile touches its lock after half of its lifetime.
  const beat = setTimeout(() => utimesSync(path, new Date(), new Date()), staleMs / 2);
  onTestFinished(() => clearTimeout(beat));
  expect(await takeDirLock(path, staleMs)).toBeUndefined();
  expect(await readdir(folder)).toEqual(['a.lock']);
});

test('time for which the machine may have slept between two looks at a lock does not count', async () => {
  const { path } = await scene();
  await orphan(path, 600);
  expect(await takeDirLock(path, 700_000)).toBeUndefined();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
  onTestFinished(() => clock.mockRestore());
  const staleMs = 4_000;
  const beat = setTimeout(() => utimesSync(path, new Date(), new Date()), staleMs / 2 - 500);
  onTestFinished(() => clearTimeout(beat));
  expect(await takeDirLock(path, staleMs)).toBeUndefined();
});

test('a process that died during a take-over does not delay others for long', async () => {
  const { folder, path } = await scene();
  await orphan(path, 60);
  await orphan(`${path}.takeover`, 60);
  expect(await takeDirLock(path, 100)).toBeUndefined();
  expect(await takeDirLock(path, 100)).toBeDefined();
  expect(await locksIn(folder)).toEqual(['a.lock']);
});

test('it is touched while it is held', async () => {
  const { path } = await scene();
  const release = await takeDirLock(path, 20);
  const { mtimeMs } = await stat(path);
  await expect.poll(async () => (await stat(path)).mtimeMs).toBeGreaterThan(mtimeMs);
  await release?.();
});

test('a holder whose lock was taken over does not remove the new lock', async () => {
  const { folder, path } = await scene();
  const late = await takeDirLock(path);
  await utimes(path, new Date(0), new Date(0));
  const next = await takeDirLock(path, 100);
  expect(next).toBeDefined();
  await late?.();
  expect(await locksIn(folder)).toEqual(['a.lock']);
});

test('a lock with a future date is taken over once it has been unchanged long enough', async () => {
  const { path } = await scene();
  await orphan(path, -86_400);
  expect(await takeDirLock(path, 1)).toBeUndefined();
  await vi.waitUntil(() => takeDirLock(path, 1), { timeout: 15_000 });
  expect(Date.now() - (await stat(path)).mtimeMs).toBeGreaterThan(-60_000);
});

test('a lock that cannot be created is an error with the reason', async () => {
  const { folder } = await scene();
  await writeFile(join(folder, 'file'), '');
  await expect(takeDirLock(join(folder, 'none', 'a.lock'))).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'ENOENT' },
  });
  await expect(takeDirLock(join(folder, 'file', 'a.lock'))).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'ENOTDIR' },
  });
});

/** The ids of a process that has ended, and of a zombie, which its parent has not reaped yet. */
async function ended() {
  const child = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [zombie] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const gone = spawn('true');
  await once(gone, 'exit');
  await vi.waitUntil(async () => (await startOf(Number(zombie))).state === 'Z', 15_000);
  return { zombie: Number(zombie), gone: gone.pid ?? 0 };
}

async function startOf(pid: number) {
  const [state = '', ...rest] = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /s, '').split(' ');
  return { state, startedAt: rest[18] };
}

async function notSeenFor(path: string, seconds: number): Promise<object> {
  const then = new Date(Date.now() - seconds * 1_000);
  await utimes(path, then, then);
  return {};
}

describe.skipIf(process.platform !== 'linux')(
  'a lock that one of our own processes holds, by the record beside it',
  () => {
    type Scene = Awaited<ReturnType<typeof scene>> & Awaited<ReturnType<typeof ended>>;
    test.each<[string, boolean, (scene: Scene) => object | Promise<object>]>([
      ['is taken at once when the process is gone', true, ({ gone }) => ({ pid: gone })],
      ['is taken at once when another process has its id', true, () => ({ startedAt: '1' })],
      [
        'is taken at once when the process has ended and its parent does not ask',
        true,
        async ({ zombie }) => ({ pid: zombie, ...(await startOf(zombie)) }),
      ],
      ['is left alone while the process lives', false, () => ({})],
      [
        'is left alone while the process lives, though it has shown no sign of that for half an hour',
        false,
        ({ path }) => notSeenFor(path, 1_800),
      ],
      [
        'is taken when the process lives, but has shown no sign of that for more than an hour',
        true,
        ({ path }) => notSeenFor(path, 3_700),
      ],
      [
        'is left alone when the record is of another boot, machine or container',
        false,
        ({ gone }) => ({ pid: gone, scope: 'elsewhere' }),
      ],
      [
        'is left alone when another program has made it again since',
        false,
        async ({ path, gone }) => {
          await rmdir(path);
          await mkdir(path);
          return { pid: gone };
        },
      ],
      ['is left alone when the record is invalid', false, () => ({ pid: -1 })],
    ])('%s', async (_title, isTaken, change) => {
      const at = { ...(await scene()), ...(await ended()) };
      const record = `${at.path}.holder`;
      await takeDirLock(at.path, 600_000);
      const known: object = JSON.parse(await readFile(record, 'utf8'));
      await writeFile(record, JSON.stringify({ ...known, ...(await change(at)) }));
      expect((await takeDirLock(at.path, 600_000)) !== undefined).toBe(isTaken);
      expect(await locksIn(at.folder)).toEqual(['a.lock']);
    });

    test('the lock folder stays empty, because others remove it with rmdir(2)', async () => {
      const { path } = await scene();
      const release = await takeDirLock(path);
      expect(await readdir(path)).toEqual([]);
      expect((await stat(`${path}.holder`)).mode & 0o777).toBe(0o600);
      await release?.();
    });

    test('a process that died during the take-over of a dead lock delays no other', async () => {
      const { folder, path } = await scene();
      const { gone } = await ended();
      for (const lock of [path, `${path}.takeover`]) {
        await takeDirLock(lock, 600_000);
        await writeFile(
          `${lock}.holder`,
          JSON.stringify({ ...JSON.parse(await readFile(`${lock}.holder`, 'utf8')), pid: gone }),
        );
      }
      expect(await takeDirLock(path, 600_000)).toBeDefined();
      expect(await locksIn(folder)).toEqual(['a.lock']);
    });
  },
);
