import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refusedSince } from '../../../../plugins/ui-cli/service/last-refusal.ts';
import { temporaryFolder } from '../run-cli.ts';

test('a start was refused only if the log says so, and says it since then', async () => {
  const log = join(temporaryFolder(), 'keepalived.log');
  const write = (time: string, msg: string) => appendFileSync(log, `${JSON.stringify({ time, msg, reason: 'why' })}\n`);
  const isRefused = refusedSince(log, Date.parse('2026-03-10T10:00:00Z'));
  expect(await isRefused()).toBe(false);
  write('2026-03-10T09:59:59Z', 'the daemon did not start');
  expect(await isRefused()).toBe(false);
  write('2026-03-10T10:00:01Z', 'the daemon did not start');
  expect(await isRefused()).toBe(true);
  write('2026-03-10T10:00:02Z', 'started');
  expect(await isRefused()).toBe(false);
});
