import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followLog, readLog } from '../../../plugins/ui-cli/watch/log-file.ts';
import type { LogEntry } from '../../../plugins/ui-cli/render/log-entry.ts';
import { timestamp } from '../../../sdk/wording/time.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const TIME = '2026-03-10T12:00:00.000Z';
const AT = timestamp(Date.parse(TIME));
const entry = (msg: string, more: object = {}) => `${JSON.stringify({ level: 'info', time: TIME, msg, ...more })}\n`;

function logWith(text: string): { readonly home: string; readonly file: string } {
  const home = temporaryFolder();
  mkdirSync(home, { recursive: true });
  const file = join(home, 'keepalived.log');
  writeFileSync(file, text);
  return { home, file };
}

test('entries are formatted for people, and other lines are skipped', async () => {
  const hostile = entry('attempt', { level: 'warn', session: 'codex', tries: 2, why: 'a\x1b[2Jb' });
  const { home } = logWith(`${entry('one')}garbage\n${entry('two')}${hostile}half an ent`);
  const { out } = await keepalive(['logs', '--limit', '2'], { env: { KEEPALIVE_HOME: home } });
  expect(out).toBe(`${AT} info  two\n${AT} warn  attempt session=codex tries=2 why=ab\n`);
});

test('times and spans are shown as people read them', async () => {
  const startedAt = Date.parse(TIME) - 2_340;
  const attempt = entry('attempt', { id: 'codex', startedAt, endedAt: Date.parse(TIME), reason: 'schedule' });
  const waits = entry('waits', { retryAt: Date.parse(TIME), loadMs: 22, sessions: ['a', 'b'], config: null });
  const failed = entry('failed', { err: { type: 'Error', message: 'no', stack: 'Error: no\n at x' } });
  const { home } = logWith(`${attempt}${waits}${failed}`);
  const { out } = await keepalive(['logs'], { env: { KEEPALIVE_HOME: home } });
  expect(out.split('\n').map(line => line.slice(AT.length + ' info '.length).trim())).toEqual([
    'attempt id=codex reason=schedule took=2.3 s',
    `waits retryAt=${AT} loadMs=22 ms sessions=a,b config=none`,
    'failed err=no',
    '',
  ]);
});

test('a missing log is not an error', async () => {
  expect(await keepalive(['logs'])).toMatchObject({
    exitCode: 0,
    err: '',
    out: expect.stringContaining('has no entries yet'),
  });
});

test('each entry is followed once and complete, even after a rotation', async () => {
  const { file } = logWith(entry('old'));
  const seen: unknown[] = [];
  const enough = new AbortController();
  const following = followLog(
    file,
    (await readLog(file, 10)).end,
    ({ msg }: LogEntry) => void seen.push(msg),
    enough.signal,
  );
  const [start, rest] = [entry('new').slice(0, 20), entry('new').slice(20)];
  appendFileSync(file, start);
  appendFileSync(file, rest);
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['new']);
  truncateSync(file);
  appendFileSync(file, entry('after rotation'));
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['new', 'after rotation']);
  enough.abort();
  await following;
});
