import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LineFile } from '../../../runtime/files/line-file.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { temporaryFolder } from '../../support/real-context.ts';

let file: string;
let lines: LineFile;
const text = (name = file): string => readFileSync(name, 'utf8');

beforeEach(async () => {
  file = join(await temporaryFolder(), 'history.jsonl');
  lines = new LineFile(file, silentLog());
});

afterEach(() => lines.close());

test('lines are appended to a file that only its owner can read, and its size is returned', async () => {
  expect(await lines.append('one\n')).toBe(4);
  expect(await lines.append('two\nthree\n')).toBe(14);
  expect(text()).toBe('one\ntwo\nthree\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ['was removed', () => rmSync(file)],
  ['was moved', () => renameSync(file, `${file}.1`)],
  ['was replaced by a folder', () => (rmSync(file), mkdirSync(file))],
])('if the file %s, the next line begins a new one', async (_, change) => {
  await lines.append('one\n');
  change();
  expect(await lines.append('two\n')).toBe(4);
  expect(await lines.append('three\n')).toBe(10);
  expect(text()).toBe('two\nthree\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('if the file was replaced by another one, the next line is appended to that', async () => {
  await lines.append('one\n');
  writeFileSync(`${file}.new`, 'other\n');
  renameSync(`${file}.new`, file);
  await lines.append('two\n');
  expect(text()).toBe('other\ntwo\n');
});

test.each([
  ['another program did not complete its line', 'one\nhal', () => appendFileSync(file, 'hal')],
  ['a crash or a full disk left half a line', 'on', () => truncateSync(file, 2)],
])('if %s, the next one begins on a line of its own', async (_, before, change) => {
  await lines.append('one\n');
  change();
  expect(text()).toBe(before);
  await lines.append('two\n');
  await lines.append('three\n');
  expect(text()).toBe(`${before}\ntwo\nthree\n`);
});

test('lines of another program stay where they are', async () => {
  await lines.append('one\n');
  appendFileSync(file, 'other\n');
  await lines.append('two\n');
  expect(text()).toBe('one\nother\ntwo\n');
});

describe('a line that was written but could not be synced', () => {
  /** The next calls fail, and what they would have done is not done. */
  async function refuse(...calls: readonly ('datasync' | 'truncate')[]): Promise<void> {
    const handle = await open(dirname(file), 'r');
    const prototype: Pick<FileHandle, 'datasync' | 'truncate'> = Object.getPrototypeOf(handle);
    await handle.close();
    for (const call of calls) vi.spyOn(prototype, call).mockRejectedValue(new Error('EIO'));
    await expect(lines.append('two\n')).rejects.toThrow('EIO');
  }
  afterEach(() => void vi.restoreAllMocks());

  test('is taken back', async () => {
    await lines.append('one\n');
    await refuse('datasync');
    expect(text()).toBe('one\n');
  });

  test('is taken back before the next one, if that was refused too', async () => {
    await lines.append('one\n');
    for (let time = 0; time < 3; time += 1) await refuse('datasync', 'truncate').finally(() => vi.restoreAllMocks());
    expect(text()).toBe('one\ntwo\n');
    await lines.append('two\n');
    expect(text()).toBe('one\ntwo\n');
  });

  test('stays if another program has appended to it', async () => {
    await lines.append('one\n');
    await refuse('datasync', 'truncate');
    vi.restoreAllMocks();
    appendFileSync(file, 'other\n');
    await lines.append('two\n');
    expect(text()).toBe('one\ntwo\nother\ntwo\n');
  });
});

test('a file that was emptied is continued from its start', async () => {
  await lines.append('one\n');
  truncateSync(file);
  await lines.append('two\n');
  expect(text()).toBe('two\n');
});
