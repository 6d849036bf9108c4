import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { onTestFinished } from '../support/running-test.ts';
import { run, scratch } from '../support/platforms/programs.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

// A plugin's author, from `plugin new` to a user who installs what was published.

const verdaccio = findVendorProgram('verdaccio');

/** The plugins that the author makes: what `plugin new` is given, by the plugin's id. */
const MADE = {
  acme: ['--recipe', 'command'],
  pager: ['--kind', 'notifier'],
  board: ['--kind', 'frontend'],
};
const IDS = Object.keys(MADE);

describe.skipIf(!verdaccio)(`published to a registry${verdaccio ? '' : ` (${noVendorProgram('verdaccio')})`}`, () => {
  const folder = scratch('publish');
  const author = join(folder, 'author');
  const user = join(folder, 'user');
  let registry: Registry;

  // Before the folder is removed.
  afterAll(() => {
    // Undefined if it did not start.
    const started: Registry | undefined = registry;
    started?.end();
  });
  beforeAll(async () => {
    registry = await startRegistry(verdaccio ?? '', folder);
    await registry.publish(folder, inject('tarball'));
    for (const [name, more] of [
      [author, {}],
      [user, { name: 'user' }],
    ] as const) {
      mkdirSync(name);
      writeFileSync(join(name, 'package.json'), JSON.stringify({ private: true, ...more }));
    }
    // The author's tools, once for all plugins.
    await registry.npm(['install', 'session-keepalive'], author);
  });

  const keepalive = (cwd: string, ...args: readonly string[]) =>
    run(join(cwd, 'node_modules/.bin/keepalive'), args, { cwd, env: { ...registry.env, KEEPALIVE_HOME: home } });
  const home = join(folder, 'keepalive');

  // At one time, because each waits for npm most of its time.
  test.concurrent.each(Object.entries(MADE))(
    'plugin new %s: npm install, test, build and publish work',
    async (id, options) => {
      const made = join(author, id);
      await keepalive(author, 'plugin', 'new', id, ...options);
      expect((await registry.npm(['install'], made)).stderr).not.toMatch(/ERESOLVE|deprecated/);
      expect((await registry.npm(['test'], made)).stdout).toMatch(/Tests.*passed/);
      await registry.npm(['run', 'build'], made);
      const { stdout } = await registry.npm(['pack', '--dry-run', '--json'], made);
      const [{ files }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
      expect(files.map(({ path }: { readonly path: string }) => path).toSorted()).toEqual([
        'README.md',
        'dist/index.d.ts',
        'dist/index.js',
        'package.json',
      ]);
      await registry.publish(made);
      const tested = await keepalive(author, 'plugin', 'test', `./${id}`);
      expect(tested.stdout).toContain(`Tested: ${join(made, 'dist/index.js')}`);
    },
  );

  test('a daemon of the installed package keeps the session of an installed plugin alive', async () => {
    await registry.npm(['install', 'session-keepalive', ...IDS.map(id => `keepalive-plugin-${id}`)], user);
    const manifest = JSON.parse(readFileSync(join(user, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies)).toHaveLength(4);
    const heard: string[] = [];
    const channel = createServer((request, response) => {
      request.setEncoding('utf8').on('data', text => heard.push(text));
      request.on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>(resolve => void channel.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void channel.close());
    const address = channel.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    configure(`http://127.0.0.1:${port}/`);

    await keepalive(user, 'start', '--config', 'keepalive.config.json');
    onTestFinished(async () => void (await keepalive(user, 'stop')));
    await vi.waitFor(
      async () => expect((await keepalive(user, 'plugin', 'list')).stdout).not.toMatch(/loading|failed/),
      {
        timeout: 60_000,
        interval: 1_000,
      },
    );
    const shown = await vi.waitFor(
      async () => {
        const [session] = JSON.parse((await keepalive(user, 'status', '--json')).stdout);
        expect(session).toMatchObject({ id: 'acme', state: { name: 'alive' }, lastAttempt: { outcome: 'refreshed' } });
        return session;
      },
      { timeout: 60_000, interval: 1_000 },
    );
    expect(shown.expiresAt).toBeGreaterThan(Date.now());
    await keepalive(user, 'check');
    expect(JSON.parse((await keepalive(user, 'notify', 'test', 'pager', '--json')).stdout)).toMatchObject([
      { id: 'pager', delivered: true },
    ]);
    expect(heard).toHaveLength(1);
    expect(await pageOf((await keepalive(user, 'ui', 'board', '--print')).stdout.trim())).toContain('acme: alive');
  });

  /** The tool of the plugin, with a login that ends in a minute and that its command renews for an hour. */
  function configure(url: string): void {
    const store = join(folder, 'login.json');
    const program = join(folder, 'acme');
    writeFileSync(store, JSON.stringify({ token: 'CANARY-token', expiresAt: later(60_000) }), { mode: 0o600 });
    const renewed = JSON.stringify({ token: 'CANARY-new', expiresAt: later(3_600_000) });
    writeFileSync(program, `#!/bin/sh\necho '${renewed}' > '${store}'\n`, { mode: 0o755 });
    const plugins = [
      ['keepalive-plugin-acme', { program, store }],
      ['keepalive-plugin-pager', { url }],
      'keepalive-plugin-board',
    ];
    writeFileSync(join(user, 'keepalive.config.json'), JSON.stringify({ plugins }));
  }
});

const later = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** The page that a one-time link opens. */
async function pageOf(link: string): Promise<string> {
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await fetch(new URL(opened.headers.get('location') ?? '', link), { headers: { cookie } });
  return page.text();
}
