import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openStateFile } from '../../../kernel/state/states.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import type { SessionRecord } from '../../../sdk/contract/session.ts';
import { temporaryFolder } from '../../support/real-context.ts';

let file: string;
beforeEach(async () => {
  file = join(await temporaryFolder(), 'states.json');
});
const read = () => JSON.parse(readFileSync(file, 'utf8'));
const RECORD: SessionRecord = {
  displayName: 'Acme',
  state: { name: 'idle', failures: 0, wakeAt: 1, wakeWhy: 'at start' },
};

test('a clean stop is marked until the next start', async () => {
  const first = await openStateFile(file, silentLog());
  await first.put('acme', RECORD);
  await first.setStoppedAt(7);
  expect(read()).toMatchObject({ stoppedAt: 7, sessions: { acme: RECORD } });
  const second = await openStateFile(file, silentLog());
  await second.setStoppedAt(undefined);
  expect(read()).not.toHaveProperty('stoppedAt');
});

test('a write after the stop keeps the mark', async () => {
  const store = await openStateFile(file, silentLog());
  await store.setStoppedAt(7);
  await store.put('acme', RECORD);
  expect(read()).toMatchObject({ stoppedAt: 7 });
});

test('a program that does not run the daemon leaves the mark as it is', async () => {
  writeFileSync(file, JSON.stringify({ version: 1, sessions: {}, notices: [], stoppedAt: 7 }));
  const store = await openStateFile(file, silentLog());
  await store.put('acme', RECORD);
  expect(read()).toMatchObject({ stoppedAt: 7, sessions: { acme: RECORD } });
});

test('a start without a mark writes nothing', async () => {
  const text = `${JSON.stringify({ version: 1, sessions: {}, notices: [] })}\n`;
  writeFileSync(file, text);
  const store = await openStateFile(file, silentLog());
  await store.setStoppedAt(undefined);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
