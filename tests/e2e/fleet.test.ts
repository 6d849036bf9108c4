import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notice } from '../../sdk/contract/session.ts';
import { temporaryHome, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { oauthEntry, startMachine, writeTokens } from '../support/fleet/scene.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const listed = async (daemon: Daemon) => (await daemon.client.request('fleet/list')).map(({ machine }) => machine);

/** The sessions of all machines, as `machine/session`. */
const shown = async (daemon: Daemon) =>
  (await daemon.client.request('fleet/list')).flatMap(({ machine, sessions }) =>
    sessions.map(({ id }) => `${machine}/${id}`),
  );

const laterInSeconds = () => Math.floor(Date.now() / 1_000) + 3_600;

test('two machines see each other, with their sessions', async () => {
  const url = await server.database();
  const vendor = await rotatingServer();
  const file = join(temporaryHome(), 'login.json');
  writeTokens(file, 'refresh-0', laterInSeconds());
  const laptop = await startMachine({ url, machine: 'laptop', plugins: [oauthEntry('own', file, vendor.url)] });
  const box = await startMachine({ url, machine: 'box' });
  await expect.poll(() => listed(laptop)).toEqual(['box', 'laptop']);
  await expect.poll(() => shown(box)).toEqual(['laptop/own']);
});

test('a login that was copied to another machine is renewed by one, and both say so', async () => {
  const url = await server.database();
  const vendor = await rotatingServer();
  const [one, other] = ['one', 'other'].map(() => join(temporaryHome(), 'login.json'));
  for (const file of [one, other]) writeTokens(String(file), 'refresh-0', laterInSeconds());
  const laptop = await startMachine({ url, machine: 'laptop', plugins: [oauthEntry('own', String(one), vendor.url)] });
  await expect.poll(() => shown(laptop)).toEqual(['laptop/own']);
  const box = await startMachine({ url, machine: 'box', plugins: [oauthEntry('copy', String(other), vendor.url)] });
  const kept = await untilSession(laptop, 'own', ({ shared }) => shared !== undefined);
  expect(kept.shared).toEqual({ session: 'box/copy', holder: 'own' });
  const copy = await untilSession(box, 'copy', ({ shared }) => shared !== undefined);
  expect(copy.shared).toEqual({ session: 'laptop/own', holder: 'laptop/own' });
  for (const daemon of [laptop, box]) {
    const notices: readonly Notice[] = await daemon.client.request('notice/list');
    expect(notices.map(({ code, level }) => [code, level])).toEqual([['shared-login', 'warning']]);
  }
  expect(vendor.received).toEqual([]);
  await box.client.request('session/refresh', { id: 'copy', force: true });
  const waiting = await untilSession(box, 'copy', ({ state }) => state.name === 'waiting');
  expect(waiting.state).toMatchObject({ why: 'deferred', hint: expect.stringContaining('"laptop/own"') });
  await laptop.client.request('session/refresh', { id: 'own', force: true });
  expect(vendor.received.map(({ token }) => token)).toEqual(['refresh-0']);
  await untilSession(box, 'copy', ({ shared }) => shared?.spent === true);
  await box.client.request('session/refresh', { id: 'copy', force: true });
  expect(vendor.received.map(({ token }) => token)).toEqual(['refresh-0']);
});

test('copied logins of vendor programs wait on one machine, which does not run the programs', async () => {
  const url = await server.database();
  const loginOf = (refresh: string) => ({ refresh, expiresAt: Date.now() + 2 * 3_600_000 });
  const texts = {
    'claude/.credentials.json': claudeLogin(loginOf('CANARY-claude')),
    'codex/auth.json': codexLogin(loginOf('CANARY-codex')),
  };
  const onMachine = async (machine: string) => {
    const folder = temporaryHome(texts);
    const program = join(folder, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${join(folder, 'ran')}\n`, { mode: 0o755 });
    const entry = (name: string) => [name, { home: join(folder, name), program, method: 'touch' }];
    const daemon = await startMachine({ url, machine, plugins: [entry('claude'), entry('codex')] });
    return { ...daemon, hasRun: () => existsSync(join(folder, 'ran')) };
  };
  const laptop = await onMachine('laptop');
  await expect.poll(() => shown(laptop)).toEqual(['laptop/claude', 'laptop/codex']);
  const box = await onMachine('box');
  for (const id of ['claude', 'codex']) {
    const kept = await untilSession(laptop, id, ({ shared }) => shared !== undefined);
    expect(kept.shared).toEqual({ session: `box/${id}`, holder: id });
    await untilSession(box, id, ({ shared }) => shared !== undefined);
    const { state } = await box.client.request('session/refresh', { id, force: true });
    expect(state).toMatchObject({ why: 'deferred', hint: expect.stringContaining(`"laptop/${id}"`) });
  }
  expect(box.hasRun()).toBe(false);
});

test('a session of another machine is refreshed from here, if that machine accepts it', async () => {
  const url = await server.database();
  const vendor = await rotatingServer();
  const file = join(temporaryHome(), 'login.json');
  writeTokens(file, 'refresh-0', laterInSeconds());
  const plugins = [oauthEntry('own', file, vendor.url)];
  const box = await startMachine({ url, machine: 'box', accept: ['refresh'], plugins });
  await expect.poll(() => shown(box)).toEqual(['box/own']);
  const laptop = await startMachine({ url, machine: 'laptop' });
  await expect.poll(() => listed(laptop)).toEqual(['box', 'laptop']);
  const session = await laptop.client.request('fleet/refresh', { machine: 'box', id: 'own', force: true });
  expect(session.lastAttempt?.outcome).toBe('refreshed');
  expect(vendor.received.map(({ token }) => token)).toEqual(['refresh-0']);
  const refused = box.client.request('fleet/refresh', { machine: 'laptop', id: 'own' });
  await expect(refused).rejects.toMatchObject({ code: 'KA_FLEET_NOT_ACCEPTED' });
});
