import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openSettings } from '../../../kernel/state/settings.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { temporaryFolder } from '../../support/real-context.ts';

let file: string;

beforeEach(async () => {
  file = join(await temporaryFolder(), 'settings.json');
});

const open = () => openSettings(file, silentLog());

test('a change is on disk when it resolves, and the next start reads it', async () => {
  const settings = await open();
  await settings.change('codex', { retries: 2, enabled: false });
  expect((await open()).of('codex')).toEqual({ retries: 2, enabled: false });
  expect((await open()).of('claude')).toEqual({});
});

test('null resets one member to the configuration; a session without changes is removed from the file', async () => {
  const settings = await open();
  await settings.change('codex', { retries: 2, jitter: 0.5 });
  await settings.change('codex', { retries: null });
  expect(settings.of('codex')).toEqual({ jitter: 0.5 });
  await settings.change('codex', { jitter: null });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, sessions: {} });
});

test('an invalid policy is refused, and nothing changes', async () => {
  const settings = await open();
  await expect(settings.change('codex', { retries: -1 })).rejects.toThrow('retries');
  expect(settings.of('codex')).toEqual({});
  expect(existsSync(file)).toBe(false);
});

test('damaged settings of one session do not affect the others', async () => {
  writeFileSync(file, JSON.stringify({ version: 1, sessions: { codex: { retries: 'two' }, claude: { retries: 2 } } }));
  const settings = await open();
  expect([settings.of('codex'), settings.of('claude')]).toEqual([{}, { retries: 2 }]);
  expect(readdirSync(dirname(file)).filter(name => name.includes('.damaged-'))).toHaveLength(1);
});
