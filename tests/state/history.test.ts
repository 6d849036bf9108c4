import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { History } from '../../state/history.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import { temporaryFolder } from '../support/real-context.ts';

let file: string;
let lines: string[];
let history: History;

beforeEach(async () => {
  file = join(await temporaryFolder(), 'history.jsonl');
  lines = [];
  history = new History(file, pino({ level: 'debug' }, { write: line => void lines.push(line) }));
});

afterEach(async () => {
  vi.useRealTimers();
  await history.close();
});

const attempt = (id: string, startedAt: number, message?: string): Attempt => ({
  id,
  startedAt,
  endedAt: startedAt + 1,
  reason: 'schedule',
  method: 'redeem',
  outcome: 'refreshed',
  failures: 0,
  ...(message !== undefined && { message }),
});
const startsOf = async (params?: Parameters<History['list']>[0]) =>
  (await history.list(params)).map(({ startedAt }) => startedAt);

test('attempts are listed newest first, filtered by session and time, up to the limit', async () => {
  for (const at of [1, 2, 3, 4]) history.add(attempt(at % 2 ? 'odd' : 'even', at));
  expect(await startsOf()).toEqual([4, 3, 2, 1]);
  expect(await startsOf({ id: 'odd' })).toEqual([3, 1]);
  expect(await startsOf({ before: 3 })).toEqual([2, 1]);
  expect(await startsOf({ limit: 1 })).toEqual([4]);
});

test('100 are listed if no limit is given', async () => {
  for (let at = 1; at <= 101; at += 1) history.add(attempt('a', at));
  expect(await startsOf()).toHaveLength(100);
});

test('the file is created by the first attempt, readable by its owner only', async () => {
  expect(await startsOf()).toEqual([]);
  expect(() => statSync(file)).toThrow('ENOENT');
  history.add(attempt('a', 1));
  await history.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('attempts that are added together share one write, and each can wait for it', async () => {
  const written = Array.from({ length: 100 }, (_, index) => history.add(attempt('a', index + 1)));
  expect(new Set(written).size).toBe(1);
  await written[99];
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(101);
});

test('a line that a crash cut off is skipped with one warning, and the next line is intact', async () => {
  history.add(attempt('a', 1));
  await history.close();
  appendFileSync(file, '{"id":"a","startedAt":2,');
  history.add(attempt('a', 3));
  expect(await startsOf()).toEqual([3, 1]);
  expect(await startsOf()).toEqual([3, 1]);
  expect(lines.filter(line => line.includes('damaged'))).toHaveLength(1);
});

test('attempts that cannot be written now are listed, and written with the next one', async () => {
  await history.add(attempt('a', 1));
  const folder = dirname(file);
  renameSync(folder, `${folder}-away`);
  await history.add(attempt('a', 2));
  expect(lines.join('')).toContain('the history could not be written');
  expect(await startsOf()).toEqual([2]);
  renameSync(`${folder}-away`, folder);
  await history.add(attempt('a', 3));
  expect(await startsOf()).toEqual([3, 2, 1]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

test('an attempt that could not be written is written a minute later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const folder = dirname(file);
  renameSync(folder, `${folder}-away`);
  await history.add(attempt('a', 1));
  renameSync(`${folder}-away`, folder);
  vi.advanceTimersByTime(60_000);
  expect(await startsOf()).toEqual([1]);
  expect(readFileSync(file, 'utf8')).toContain('"startedAt":1');
});

test('a file that has grown too large loses its older half', async () => {
  const long = 'x'.repeat(1_000);
  const all = Array.from({ length: 2_200 }, (_, index) => JSON.stringify(attempt('a', index + 1, long)));
  writeFileSync(file, `${all.join('\n')}\n`);
  history.add(attempt('a', 9_999));
  await history.close();
  const left = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  expect(left).toHaveLength(1_101);
  expect(await startsOf({ limit: 2 })).toEqual([9_999, 2_200]);
});
