import { mkdir, readdir, readFile, rename, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog } from '../../../runtime/log/log.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const MB = 1024 * 1024;
const asIs = (text: string): string => text;

async function logFile() {
  const folder = await temporaryFolder();
  const file = join(folder, 'keepalived.log');
  const numbers = async (name: string): Promise<readonly number[]> =>
    (await readFile(name, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line).n);
  return { folder, file, numbers };
}

test('a log that grows large is rotated, with one old file and no lost line', async () => {
  const { folder, file, numbers } = await logFile();
  const log = openLog(file, 'info', asIs);
  const text = 'x'.repeat(10_000);
  for (let n = 1; n <= 1_500; n += 1) log.info({ n }, text);
  expect((await readdir(folder)).toSorted()).toEqual(['keepalived.log', 'keepalived.log.1']);
  for (const name of [file, `${file}.1`]) {
    const { size, mode } = await stat(name);
    expect(size).toBeLessThan(5 * MB + 20_000);
    expect(mode & 0o777).toBe(0o600);
  }
  const kept = [...(await numbers(`${file}.1`)), ...(await numbers(file))];
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 1_500 - kept.length + 1 + index));
});

test('a log that is large at the start is rotated with the first line', async () => {
  const { file, numbers } = await logFile();
  await writeFile(file, `${JSON.stringify({ n: 1, msg: 'x'.repeat(5 * MB) })}\n`);
  openLog(file, 'info', asIs).info({ n: 2 }, 'on');
  expect([await numbers(`${file}.1`), await numbers(file)]).toEqual([[1], [2]]);
});

test('if it cannot be rotated, it continues in the same file', async () => {
  const { file, numbers } = await logFile();
  await writeFile(file, `${JSON.stringify({ n: 1, msg: 'x'.repeat(5 * MB) })}\n`);
  await mkdir(`${file}.1`);
  openLog(file, 'info', asIs).info({ n: 2 }, 'on');
  expect(await numbers(file)).toEqual([1, 2]);
});

test('a log that logrotate has moved is reopened at the next line, with mode 0600', async () => {
  const { file, numbers } = await logFile();
  const log = openLog(file, 'info', asIs);
  log.info({ n: 1 }, 'on');
  await rename(file, `${file}.moved`);
  log.info({ n: 2 }, 'on');
  expect([await numbers(`${file}.moved`), await numbers(file)]).toEqual([[1], [2]]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await rename(file, `${file}.moved`);
  await writeFile(file, '');
  log.info({ n: 3 }, 'on');
  expect([await numbers(`${file}.moved`), await numbers(file)]).toEqual([[2], [3]]);
  await rm(file);
  log.info({ n: 4 }, 'on');
  expect(await numbers(file)).toEqual([4]);
});

test('a log that was truncated in place continues from its start', async () => {
  const { file, numbers } = await logFile();
  const log = openLog(file, 'info', asIs);
  log.info({ n: 1 }, 'on');
  await truncate(file);
  log.info({ n: 2 }, 'on');
  expect(await numbers(file)).toEqual([2]);
});

test('if it cannot be reopened, it continues in the same file', async () => {
  const { folder, file, numbers } = await logFile();
  const log = openLog(file, 'info', asIs);
  log.info({ n: 1 }, 'on');
  await rename(file, join(folder, 'moved'));
  await mkdir(file);
  log.info({ n: 2 }, 'on');
  expect(await numbers(join(folder, 'moved'))).toEqual([1, 2]);
  await rmdir(file);
  log.info({ n: 3 }, 'on');
  expect([await numbers(join(folder, 'moved')), await numbers(file)]).toEqual([[1, 2], [3]]);
});

test('an error is one sentence with its causes, even if it is its own cause', async () => {
  const { file } = await logFile();
  const error = new Error('The plugin failed.', { cause: new Error('It broke.', { cause: new TypeError('no bus') }) });
  const endless = new Error('Again.');
  endless.cause = endless;
  const log = openLog(file, 'info', asIs);
  for (const err of [error, endless, 'a text']) log.warn({ err }, 'no');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const [first, second, third] = lines.map(line => JSON.parse(line).err);
  expect(first).toMatchObject({
    type: 'Error',
    message: 'The plugin failed: It broke: no bus',
    stack: expect.anything(),
  });
  expect(second.message).toMatch(/^Again: .*Again\.$/);
  expect(third).toBe('a text');
});
