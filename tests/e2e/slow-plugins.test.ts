import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  PLUGIN,
  startDaemon as start,
  temporaryHome,
  untilSession,
  type Daemon,
  namedPlugins,
} from '../support/daemon/daemon.ts';

/** A plugin that finishes or fails loading when a file says so. */
const SLOW = `
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const go = new URL('./go', import.meta.url);
const said = () => (existsSync(go) ? String(readFileSync(go)) : '');
while (said() === '') await sleep(20);
if (said() === 'fail') throw new Error('not today');
const refresh = async () => ({ status: 'fresh' });
export default ({ id = 'slow' }) => ({ kind: 'provider', id, displayName: 'Slow', refresh });`;

/** A plugin that spins until its daemon is gone, for nothing else would end it then. */
const SPINS = 'for (const parent = process.ppid; process.ppid === parent;);';

/**
 * Every start waits for its slow plugin, so these tests run concurrently. A start waits only a second here, and plugins
 * may load for any time, for a busy machine may be slower than the real limits.
 */
async function startDaemon(home: string): Promise<Daemon> {
  const daemon = await start(home, { hooks: new URL('../support/daemon/patient.mjs', import.meta.url) });
  await untilOthersLoaded(daemon);
  return daemon;
}

/** Resolves when only the slow plugin is still loading. */
const untilOthersLoaded = (daemon: Daemon) =>
  vi.waitUntil(
    async () => (await statusesOf(daemon)).every(([module, status]) => module === './slow.mjs' || status !== 'loading'),
    { timeout: 30_000 },
  );

const config = (plugins: unknown) => JSON.stringify({ plugins });
const homeWith = (plugins: unknown, more: Readonly<Record<string, string>> = {}) =>
  temporaryHome({ 'mine.mjs': PLUGIN, 'slow.mjs': SLOW, 'keepalive.config.json': config(plugins), ...more });
const statusesOf = async ({ client }: Daemon) =>
  (await namedPlugins({ client })).map(({ module, status }) => [module, status]);
const idsOf = async ({ client }: Daemon) => (await client.request('session/list')).map(({ id }) => id);

test.concurrent.each([
  ['waits', SLOW, {}],
  ['spins', SPINS, {}],
  ['waits in the daemon process', SLOW, { isolated: false }],
])('the daemon answers and other sessions start while a plugin %s during loading', async (_what, source, place) => {
  const daemon = await startDaemon(homeWith([['./slow.mjs', {}, place], './mine.mjs'], { 'slow.mjs': source }));
  await untilSession(daemon, 'mine', ({ state }) => state.name === 'alive');
  expect(await statusesOf(daemon)).toEqual([
    ['./slow.mjs', 'loading'],
    ['./mine.mjs', 'loaded'],
  ]);
  expect(await daemon.client.request('doctor/run')).toContainEqual({
    level: 'info',
    subject: './slow.mjs',
    message: 'still loading',
  });
  daemon.child.kill('SIGTERM');
  expect((await daemon.done).code).toBe(0);
});

test.concurrent('a plugin that loads later is kept alive in the order of the configuration', async () => {
  const home = homeWith(['./slow.mjs', './mine.mjs']);
  const daemon = await startDaemon(home);
  const begun = new Promise(
    resolve => void daemon.client.on('session/didAttempt', ({ id }) => id === 'slow' && resolve(id)),
  );
  writeFileSync(join(home, 'go'), 'load');
  await begun;
  expect(await statusesOf(daemon)).toEqual([
    ['./slow.mjs', 'loaded'],
    ['./mine.mjs', 'loaded'],
  ]);
  expect(await idsOf(daemon)).toEqual(['slow', 'mine']);
});

test.concurrent('a plugin that fails later is reported then', async () => {
  const home = homeWith(['./slow.mjs', './mine.mjs']);
  const daemon = await startDaemon(home);
  const raised = new Promise(resolve => void daemon.client.on('notice/didRaise', resolve));
  expect(await daemon.client.request('notice/list')).toEqual([]);
  writeFileSync(join(home, 'go'), 'fail');
  expect(await raised).toMatchObject({ code: 'plugin-failed', session: './slow.mjs' });
  expect(await statusesOf(daemon)).toEqual([
    ['./slow.mjs', 'failed'],
    ['./mine.mjs', 'loaded'],
  ]);
});

test.concurrent('of two plugins with the same id the first one wins, even if it loads later', async () => {
  const home = homeWith([
    ['./slow.mjs', { id: 'same' }],
    ['./mine.mjs', { id: 'same' }],
  ]);
  const daemon = await startDaemon(home);
  expect(await daemon.client.request('session/get', { id: 'same' })).toMatchObject({ provider: './mine.mjs' });
  writeFileSync(join(home, 'go'), 'load');
  await vi.waitUntil(
    async () =>
      (await daemon.client.request('session/get', { id: 'same' }).catch(() => undefined))?.provider === './slow.mjs',
    { timeout: 20_000 },
  );
  expect((await namedPlugins(daemon)).map(({ status, error }) => [status, error?.code])).toEqual([
    ['loaded', undefined],
    ['failed', 'KA_PLUGIN_DUPLICATE_ID'],
  ]);
});

test.concurrent('a reload does not wait for slow plugins, keeps loading one and drops a removed one', async () => {
  const home = homeWith(['./mine.mjs']);
  const daemon = await startDaemon(home);
  const write = (plugins: unknown) => writeFileSync(join(home, 'keepalive.config.json'), config(plugins));
  write([
    ['./slow.mjs', { id: 'stays' }],
    ['./slow.mjs', { id: 'goes' }],
    './mine.mjs',
    ['./mine.mjs', { id: 'comes' }],
  ]);
  await daemon.client.request('kernel/reload');
  await untilOthersLoaded(daemon);
  expect(await idsOf(daemon)).toEqual(['mine', 'comes']);
  write([['./slow.mjs', { id: 'stays' }], './mine.mjs']);
  await daemon.client.request('kernel/reload');
  expect(await idsOf(daemon)).toEqual(['mine']);
  const begun = new Promise(
    resolve => void daemon.client.on('session/didAttempt', ({ id }) => id === 'stays' && resolve(id)),
  );
  writeFileSync(join(home, 'go'), 'load');
  await begun;
  expect(await idsOf(daemon)).toEqual(['stays', 'mine']);
}, 120_000);

test.concurrent('invalid options of a built-in plugin are reported before waiting for slow plugins', async () => {
  const home = homeWith(['./mine.mjs']);
  const daemon = await startDaemon(home);
  writeFileSync(
    join(home, 'keepalive.config.json'),
    config(['./slow.mjs', ['codex', { hom: '~' }], ['claude', { hom: '~' }]]),
  );
  await expect(daemon.client.request('kernel/reload')).rejects.toMatchObject({
    code: 'KA_CONFIG_INVALID',
    details: {
      problems: [
        { path: expect.stringContaining('plugins[1][1]') },
        { path: expect.stringContaining('plugins[2][1]') },
      ],
    },
  });
  expect(await statusesOf(daemon)).toEqual([['./mine.mjs', 'loaded']]);
});
