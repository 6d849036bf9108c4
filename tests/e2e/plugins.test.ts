import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  PLUGIN,
  startDaemon,
  temporaryHome,
  untilSession,
  type Daemon,
  namedPlugins,
} from '../support/daemon/daemon.ts';

const manifest = (more: object = {}) =>
  JSON.stringify({
    name: 'acme',
    version: '1.0.0',
    type: 'module',
    exports: { '.': { import: './index.js' } },
    keepalivePlugin: { apiVersion: 1 },
    ...more,
  });
const ACME = `import { defineProvider } from 'session-keepalive/sdk';
  export default ({ id = 'acme' } = {}) =>
    defineProvider({ id, displayName: 'Acme', refresh: async () => ({ status: 'fresh' }) });`;
const MINE = `import { defineProvider, type Outcome } from 'session-keepalive/sdk';
  const refresh = async (): Promise<Outcome> => ({ status: 'fresh' });
  export default ({ id = 'mine' }: { readonly id?: string }) => defineProvider({ id, displayName: 'Mine', refresh });`;
/** The members of a provider. */
const members = (id: string, refresh: string) =>
  `kind: 'provider', id: '${id}', displayName: '${id}', refresh: ${refresh}`;
const config = (plugins: unknown, more: object = {}) => JSON.stringify({ plugins, ...more });

/** On a busy machine a daemon may start before its plugins have loaded. */
const untilLoaded = ({ client }: Daemon) =>
  vi.waitUntil(async () => (await namedPlugins({ client })).every(({ status }) => status !== 'loading'), 30_000);

test.concurrent('plugins load from npm, paths, TypeScript, CommonJS and inline, in spite of failing ones', async () => {
  const home = temporaryHome({
    'keepalive.config.ts': `
      import { defineProvider } from 'session-keepalive/sdk';
      const refresh = async () => ({ status: 'fresh' });
      const inline = defineProvider({ id: 'inline', displayName: 'Inline', refresh });
      export default { plugins: [
        'keepalive-plugin-acme', ['keepalive-plugin-acme', { id: 'second' }], './mine.ts', './old.cjs', inline,
        'keepalive-plugin-none', './throws.ts', './shape.ts', 'keepalive-plugin-new', ['./mine.ts', { id: 'acme' }],
        './gone.ts',
      ] };`,
    'node_modules/keepalive-plugin-acme/package.json': manifest(),
    'node_modules/keepalive-plugin-acme/index.js': ACME,
    'node_modules/keepalive-plugin-new/package.json': manifest({ keepalivePlugin: { apiVersion: 2 } }),
    'node_modules/keepalive-plugin-new/index.js': ACME,
    'mine.ts': MINE,
    'old.cjs': `module.exports = () => ({ ${members('old', `async () => ({ status: 'fresh' })`)} });`,
    'throws.ts': `throw new Error('not today');`,
    'shape.ts': `export default () => ({ kind: 'provider', id: 'no verbs', displayName: 'x' });`,
  });
  const daemon = await startDaemon(home);
  const { client } = daemon;
  await untilLoaded(daemon);
  const plugins = await namedPlugins({ client });
  expect(plugins.map(({ id, module, status, error }) => [id, module, status, error?.code])).toEqual([
    ['acme', 'keepalive-plugin-acme', 'loaded', undefined],
    ['second', 'keepalive-plugin-acme', 'loaded', undefined],
    ['mine', './mine.ts', 'loaded', undefined],
    ['old', './old.cjs', 'loaded', undefined],
    ['inline', '(inline)', 'loaded', undefined],
    ['keepalive-plugin-none', 'keepalive-plugin-none', 'failed', 'KA_PLUGIN_NOT_FOUND'],
    ['./throws.ts', './throws.ts', 'failed', 'KA_PLUGIN_FAILED'],
    ['./shape.ts', './shape.ts', 'failed', 'KA_PLUGIN_INVALID'],
    ['keepalive-plugin-new', 'keepalive-plugin-new', 'failed', 'KA_PLUGIN_API'],
    ['acme', './mine.ts', 'failed', 'KA_PLUGIN_DUPLICATE_ID'],
    ['./gone.ts', './gone.ts', 'failed', 'KA_PLUGIN_NOT_FOUND'],
  ]);
  expect((await client.request('session/list')).map(({ id }) => id)).toEqual([
    'acme',
    'second',
    'mine',
    'old',
    'inline',
  ]);
  expect((await client.request('notice/list')).filter(({ code }) => code === 'plugin-failed')).toHaveLength(6);
});

test.concurrent('a changed configuration affects only what it changes, and an invalid one is refused', async () => {
  const home = temporaryHome({ 'mine.mjs': PLUGIN });
  const file = join(home, 'keepalive.config.json');
  const write = (plugins: unknown, more?: object) => writeFileSync(file, config(plugins, more));
  write([
    ['./mine.mjs', { id: 'stays' }],
    ['./mine.mjs', { id: 'goes' }],
  ]);
  const daemon = await startDaemon(home);
  await untilLoaded(daemon);
  const before = await untilSession(
    daemon,
    'stays',
    ({ state, lastAttempt }) => state.name === 'alive' && lastAttempt !== undefined,
  );
  await daemon.client.request('session/pause', { id: 'stays' });

  const reloaded = new Promise(resolve => void daemon.client.on('config/didChange', resolve));
  write(
    [
      ['./mine.mjs', { id: 'stays' }],
      ['./mine.mjs', { id: 'comes' }],
    ],
    { sessions: { stays: { refreshBefore: '9m' } } },
  );
  expect(await reloaded).toEqual({ file });
  await untilLoaded(daemon);
  expect((await daemon.client.request('session/list')).map(({ id }) => id)).toEqual(['stays', 'comes']);
  expect(await daemon.client.request('session/get', { id: 'stays' })).toMatchObject({
    policy: { refreshBefore: '9m' },
    state: { name: 'halted', why: 'paused' },
    lastAttempt: before.lastAttempt,
  });

  write('none');
  await expect(daemon.client.request('kernel/reload')).rejects.toMatchObject({
    code: 'KA_CONFIG_INVALID',
    details: { file, problems: [{ path: 'plugins' }] },
  });
  expect((await daemon.client.request('session/list')).map(({ id }) => id)).toEqual(['stays', 'comes']);
});

test.concurrent('a reload does not restart a frontend whose entry did not change', async () => {
  const home = temporaryHome({
    'mine.mjs': PLUGIN,
    'shown.mjs': `import { appendFileSync } from 'node:fs';
      export default ({ file }) => ({
        kind: 'frontend',
        id: 'shown',
        start: async () => {
          appendFileSync(file, 'started ');
          return () => appendFileSync(file, 'ended ');
        },
      });`,
  });
  const file = join(home, 'lives');
  const write = (id: string) =>
    writeFileSync(
      join(home, 'keepalive.config.json'),
      config([
        ['./shown.mjs', { file }],
        ['./mine.mjs', { id }],
      ]),
    );
  write('one');
  const daemon = await startDaemon(home);
  const { client, child, done } = daemon;
  await untilLoaded(daemon);
  while (!existsSync(file)) await client.request('kernel/info');
  write('two');
  await client.request('kernel/reload');
  await untilLoaded(daemon);
  expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['two']);
  // It answers after every frontend was started.
  await client.request('page/open');
  child.kill('SIGTERM');
  await done;
  expect(readFileSync(file, 'utf8')).toBe('started ended ');
});

test.concurrent('an isolated frontend serves a page, and an isolated notifier gets notices', async () => {
  const home = temporaryHome({
    'page.mjs': `export default () => ({ kind: 'frontend', id: 'page', start: async ({ client, serve }) => {
      const { pid } = await client.request('kernel/info');
      const body = Buffer.from('not in ' + pid + ' but in ' + process.pid);
      return serve(async () => new Map([['index.html', { type: 'text/html', body }]]));
    } });`,
    'bell.mjs': `import { appendFileSync } from 'node:fs';
      export default ({ file }) => ({
        kind: 'notifier',
        id: 'bell',
        raise: async ({ code, session }) => appendFileSync(file, code + ' ' + session + ' in ' + process.pid),
      });`,
    'lost.mjs': `const outcome = { status: 'login-required', hint: 'Log in.', proof: 'invalid_grant' };
      export default () => ({ ${members('lost', 'async () => outcome')} });`,
  });
  const file = join(home, 'rung');
  writeFileSync(join(home, 'keepalive.config.json'), config(['./page.mjs', ['./bell.mjs', { file }], './lost.mjs']));
  const daemon = await startDaemon(home);
  const { client, child } = daemon;
  await untilLoaded(daemon);
  expect((await namedPlugins({ client })).map(({ isolated }) => isolated)).toEqual([true, true, true]);
  // A frontend that loaded late starts after the daemon.
  const { url } = await vi.waitFor(() => client.request('page/open', { page: 'page' }), { timeout: 20_000 });
  const opened = await fetch(url, { redirect: 'manual' });
  const page = await fetch(new URL(opened.headers.get('location') ?? '', url), {
    headers: { cookie: opened.headers.get('set-cookie')?.split(';')[0] ?? '' },
  });
  const [, kernel, own] = /^not in (\d+) but in (\d+)$/.exec(await page.text()) ?? [];
  expect(kernel).toBe(String(child.pid));
  expect(own).not.toBe(kernel);
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/^login-required lost in \d+$/), {
    timeout: 20_000,
  });
  expect(readFileSync(file, 'utf8')).not.toContain(String(child.pid));
}, 60_000);

test.concurrent('a built-in plugin can be isolated, and a third-party one can be not isolated', async () => {
  const home = temporaryHome({
    'mine.mjs': PLUGIN,
    'keepalive.config.json': config([
      ['practice', {}, { isolated: true }],
      ['./mine.mjs', {}, { isolated: false }],
    ]),
  });
  const daemon = await startDaemon(home);
  expect((await namedPlugins(daemon)).map(({ id, isolated }) => [id, isolated])).toEqual([
    ['practice', true],
    ['mine', false],
  ]);
  expect(await untilSession(daemon, 'practice', ({ lastAttempt }) => lastAttempt !== undefined)).toMatchObject({
    state: { name: 'alive' },
  });
});

test.concurrent('plugins that throw, hang or return nonsense do not delay a good one', async () => {
  const home = temporaryHome({
    'mine.mjs': PLUGIN,
    'hangs.mjs': `export default () => ({ ${members('hangs', '() => new Promise(() => {})')} });`,
    'late.mjs': `const refresh = async () => {
        setTimeout(() => Promise.reject(new Error('late')), 10);
        setTimeout(() => { throw new Error('later'); }, 20);
        return { status: 'fresh' };
      };
      export default () => ({ ${members('late', 'refresh')} });`,
    'keepalive.config.json': config(
      [
        ['./mine.mjs', { id: 'throws', answer: 'throw' }],
        ['./mine.mjs', { id: 'lies', answer: { status: 'splendid' } }],
        './hangs.mjs',
        './late.mjs',
        ['./mine.mjs', { id: 'good' }],
      ],
      { sessions: { hangs: { timeout: '1s' } } },
    ),
  });
  const daemon = await startDaemon(home);
  const settled = (id: string) => untilSession(daemon, id, ({ lastAttempt }) => lastAttempt !== undefined);
  expect(await settled('good')).toMatchObject({ state: { name: 'alive' } });
  expect(await settled('throws')).toMatchObject({
    state: { name: 'waiting', why: 'backoff', failures: 1 },
    lastAttempt: { code: 'KA_PLUGIN_FAILED', message: expect.stringContaining('it went wrong') },
  });
  expect(await settled('lies')).toMatchObject({
    state: { name: 'waiting', failures: 1 },
    lastAttempt: { code: 'KA_PLUGIN_INVALID' },
  });
  expect(await settled('hangs')).toMatchObject({
    state: { name: 'waiting', failures: 1 },
    lastAttempt: { code: 'KA_PLUGIN_TIMEOUT' },
  });
  expect(await settled('late')).toMatchObject({ state: { name: 'alive' } });
  expect(await daemon.client.request('kernel/info')).toMatchObject({ sessions: 5 });
});
