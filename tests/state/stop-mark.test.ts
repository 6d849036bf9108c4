import { readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import type { SessionRecord } from '../../sdk/contract/session.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { openStates } from '../support/io/open-states.ts';
import { temporaryFolder } from '../support/real-context.ts';

let home: Home;
beforeEach(async () => {
  home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
});
const read = () => JSON.parse(readFileSync(home.states, 'utf8'));
const RECORD: SessionRecord = {
  displayName: 'Acme',
  state: { name: 'idle', failures: 0, wakeAt: 1, wakeWhy: 'at start' },
};

test('a clean stop is marked until the next start', async () => {
  const first = await openStates(home);
  await first.put('acme', RECORD);
  await first.setStoppedAt(7);
  await first.close();
  expect(read()).toMatchObject({ stoppedAt: 7, sessions: { acme: RECORD } });
  const second = await openStates(home);
  await second.setStoppedAt(undefined);
  await second.flush();
  expect(read()).not.toHaveProperty('stoppedAt');
});

test('a write after the stop keeps the mark', async () => {
  const store = await openStates(home);
  await store.setStoppedAt(7);
  await store.put('acme', RECORD);
  await store.flush();
  expect(read()).toMatchObject({ stoppedAt: 7 });
});

test('a program that does not run the daemon leaves the mark as it is', async () => {
  writeFileSync(home.states, JSON.stringify({ version: 1, sessions: {}, notices: [], stoppedAt: 7 }));
  const store = await openStates(home);
  await store.put('acme', RECORD);
  await store.flush();
  expect(read()).toMatchObject({ stoppedAt: 7, sessions: { acme: RECORD } });
});

test('a start without a mark writes nothing', async () => {
  const text = `${JSON.stringify({ version: 1, sessions: {}, notices: [] })}\n`;
  writeFileSync(home.states, text);
  const store = await openStates(home);
  await store.setStoppedAt(undefined);
  expect(readFileSync(home.states, 'utf8')).toBe(text);
});
