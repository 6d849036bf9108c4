import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFiles } from '../../../runtime/files/files.ts';
import { temporaryFolder } from '../../support/real-context.ts';

async function scene() {
  const folder = await temporaryFolder();
  const files = createFiles({ userHome: folder, journalDir: join(folder, 'state', 'journal') });
  const file = join(folder, 'token.json');
  await writeFile(file, 'old', { mode: 0o640 });
  return { folder, files, file };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test("a leading tilde is the user's home", async () => {
  const { folder, files } = await scene();
  expect(await files.read('~/token.json')).toBe('old');
  expect(files.resolve('~/x')).toBe(join(folder, 'x'));
});

test('a missing file reads as undefined; an unreadable one is an error', async () => {
  const { folder, files, file } = await scene();
  expect([
    await files.read(join(folder, 'none')),
    await files.read(join(file, 'none')),
    await files.stat(join(folder, 'none')),
  ]).toEqual([undefined, undefined, undefined]);
  await expect(files.read(folder)).rejects.toMatchObject({
    code: 'KA_STORE_UNREADABLE',
    details: { path: folder, reason: 'EISDIR' },
  });
});

test('a credential file of more than 8 MiB is refused before it is read', async () => {
  const { files, file } = await scene();
  await truncate(file, 8 * 1_048_576);
  expect((await files.read(file))?.length).toBe(8 * 1_048_576);
  await truncate(file, 8 * 1_048_576 + 1);
  await expect(files.read(file)).rejects.toMatchObject({
    code: 'KA_STORE_UNREADABLE',
    details: { path: file, reason: 'larger than 8 MiB' },
  });
});

test('stat() follows symbolic links', async () => {
  const { folder, files, file } = await scene();
  await symlink(file, join(folder, 'link'));
  expect(await files.stat(join(folder, 'link'))).toEqual({
    path: file,
    modifiedAt: (await stat(file)).mtimeMs,
    mode: 0o640,
    writable: true,
  });
});

test('a replacement keeps mode and symbolic link, and leaves no other file', async () => {
  const { folder, files, file } = await scene();
  await mkdir(join(folder, 'real'));
  await rename(file, join(folder, 'real', 'a.json'));
  await symlink(join('real', 'a.json'), file);
  const place = await files.prepare(file);
  expect(await readFile(file, 'utf8')).toBe('old');
  await place.commit('new and much shorter than the reserve');
  await place.discard();
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new and much shorter than the reserve');
  expect(await modeOf(file)).toBe(0o640);
  expect(await readdir(join(folder, 'real'))).toEqual(['a.json']);
});

test('a text longer than the reserve is written completely', async () => {
  const { files, file } = await scene();
  const text = 'é'.repeat(100_000);
  await (await files.prepare(file)).commit(text);
  expect(await files.read(file)).toBe(text);
});

test('space is reserved in advance, beside the file and private', async () => {
  const { folder, files, file } = await scene();
  await writeFile(file, 'x'.repeat(10_000));
  await chmod(file, 0o600);
  const place = await files.prepare(file);
  const [temporary = ''] = (await readdir(folder)).filter(name => name !== 'token.json');
  const { size, mode } = await stat(join(folder, temporary));
  expect([size, mode & 0o777]).toEqual([20_000, 0o600]);
  await place.discard();
  expect(await readdir(folder)).toEqual(['token.json']);
});

test('a file that cannot be replaced is an error in advance', async () => {
  const { folder, files } = await scene();
  await expect(files.prepare(join(folder, 'none'))).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'ENOENT' },
  });
});

test.skipIf(process.getuid?.() === 0)('a read-only file or folder is an error in advance', async () => {
  const { folder, files, file } = await scene();
  await chmod(file, 0o400);
  await expect(files.prepare(file)).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'EACCES' },
  });
  await chmod(file, 0o600);
  await chmod(folder, 0o500);
  await expect(files.prepare(file)).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'EACCES' },
  });
  await chmod(folder, 0o700);
});

test('a failed commit leaves the old file and no other', async () => {
  const { folder, files, file } = await scene();
  const place = await files.prepare(file);
  await rm(file);
  await mkdir(join(file, 'in the way'), { recursive: true });
  await expect(place.commit('new')).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE', details: { path: file } });
  expect(await readdir(folder)).toEqual(['token.json']);
});

test('temp files of dead processes are removed, those of running ones are not', async () => {
  const { folder, files, file } = await scene();
  const others = ['.token.json.keepalive-1-aaaaaaaa', '.other.json.keepalive-999999999-aaaaaaaa', '.token.json.tmp'];
  for (const name of [
    ...others,
    '.token.json.keepalive-999999999-aaaaaaaa',
    `.token.json.keepalive-${process.pid}-aaaaaaaa`,
  ]) {
    await writeFile(join(folder, name), '');
  }
  const first = await files.prepare(file);
  const second = await files.prepare(file);
  await second.commit('second');
  await first.commit('first');
  expect(await files.read(file)).toBe('first');
  expect((await readdir(folder)).toSorted()).toEqual([...others, 'token.json'].toSorted());
});

test('the journal survives the process, in private files, with any key', async () => {
  const { folder, files } = await scene();
  const { journal } = files;
  expect(await journal.read('../../etc: a/key')).toBeUndefined();
  await journal.remove('../../etc: a/key');
  await journal.write('../../etc: a/key', 'one');
  await journal.write('../../etc: a/key', 'two');
  const again = createFiles({ userHome: folder, journalDir: join(folder, 'state', 'journal') }).journal;
  expect(await again.read('../../etc: a/key')).toBe('two');
  const names = await readdir(join(folder, 'state', 'journal'));
  expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect([
    await modeOf(join(folder, 'state', 'journal')),
    await modeOf(join(folder, 'state', 'journal', names[0] ?? '')),
  ]).toEqual([0o700, 0o600]);
  await again.remove('../../etc: a/key');
  expect(await journal.read('../../etc: a/key')).toBeUndefined();
});

describe('the journal is bounded', () => {
  const FULL = { code: 'KA_JOURNAL_FULL' };

  test('in the number of notes: an existing one can be rewritten, a removed one frees its place', async () => {
    const { folder } = await scene();
    const { journal } = createFiles({ userHome: folder, journalDir: join(folder, 'journal'), maxNotes: 2 });
    for (const key of ['a', 'b']) await journal.write(key, 'one');
    await expect(journal.write('c', 'one')).rejects.toMatchObject({ ...FULL, details: { notes: 2, maxNotes: 2 } });
    await expect(journal.begin('c', 'one')).rejects.toMatchObject(FULL);
    expect(await journal.read('c')).toBeUndefined();
    await journal.write('a', 'two');
    await journal.remove('b');
    await journal.write('c', 'one');
    expect([await journal.read('a'), await journal.read('c')]).toEqual(['two', 'one']);
  });

  test('in the size of the first line; the next line, which may be the new token, is never refused', async () => {
    const {
      files: { journal },
    } = await scene();
    const large = 'x'.repeat(4 * 2 ** 20);
    await journal.write('a', large);
    for (const way of ['write', 'begin'] as const)
      await expect(journal[way]('a', `${large}x`)).rejects.toMatchObject(FULL);
    expect(await journal.read('a')).toBe(large);
    const note = await journal.begin('b', 'sent');
    await note.add(`${large}x`);
    await note.close();
    expect(await journal.read('b')).toBe(`sent\n${large}x\n`);
  });
});

test('watching a file removes temp files of a crash, but not those of another container', async () => {
  const { folder, files, file } = await scene();
  const place = await files.prepare(file);
  const [own = ''] = (await readdir(folder)).filter(name => name.includes('.keepalive-'));
  const dead = own.replace(/-\d+/, '-999999999');
  const elsewhere = dead.replace(/\.\d*-/, '.1-');
  await writeFile(join(folder, dead), '');
  await writeFile(join(folder, elsewhere), '');
  const stop = files.watch(file, () => {});
  await expect.poll(() => readdir(folder)).not.toContain(dead);
  expect((await readdir(folder)).toSorted()).toEqual([own, elsewhere, 'token.json'].toSorted());
  await stop();
  await place.discard();
});

test('space for the second line of a note is reserved in advance', async () => {
  const {
    folder,
    files: { journal },
  } = await scene();
  const note = await journal.begin('key', 'asked');
  const [name = ''] = await readdir(join(folder, 'state', 'journal'));
  const { size } = await stat(join(folder, 'state', 'journal', name));
  expect(size).toBeGreaterThan(12_288);
  expect(await journal.read('key')).toBe('asked\n');
  await note.add('answered');
  await note.close();
  expect(await journal.read('key')).toBe('asked\nanswered\n');
});

test('a line that the disk refuses is kept in memory until the note is removed', async () => {
  const {
    files: { journal },
  } = await scene();
  const note = await journal.begin('key', 'asked');
  await note.close();
  await expect(note.add('answered')).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'EBADF' },
  });
  expect(await journal.read('key')).toBe('asked\nanswered\n');
  await journal.remove('key');
  expect(await journal.read('key')).toBeUndefined();
});

test('a journal that cannot be written is an error with its path', async () => {
  const { folder, file } = await scene();
  const { journal } = createFiles({ userHome: folder, journalDir: join(file, 'journal') });
  await expect(journal.write('key', 'text')).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'ENOTDIR' },
  });
});

test('a missing file is created, if that is wanted, with its folder and for the user alone', async () => {
  const { folder, files } = await scene();
  const file = join(folder, 'a', 'b', 'new.json');
  const place = await files.prepare(file, { create: true });
  expect(await files.read(file)).toBeUndefined();
  await place.commit('new');
  expect([await files.read(file), await modeOf(file), await modeOf(join(folder, 'a'))]).toEqual(['new', 0o600, 0o700]);
  await symlink(join(folder, 'nowhere'), join(folder, 'link'));
  await expect(files.prepare(join(folder, 'link'), { create: true })).rejects.toMatchObject({
    code: 'KA_STORE_UNWRITABLE',
    details: { reason: 'ENOENT' },
  });
});
