import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJiti } from 'jiti';
import { describe, expect, test } from 'vitest';
import { importPlugin } from '../../../plugins/ui-cli/commands/setup/import-plugin.ts';
import { RECIPES } from '../../../plugins/ui-cli/context/options.ts';
import { configTemplate } from '../../../plugins/ui-cli/templates/config.ts';
import { pluginFiles } from '../../../plugins/ui-cli/templates/plugin/files.ts';
import { fakeContext, fakeFiles, testProvider, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

describe('plugin new', () => {
  test('creates a plugin that passes the contract tests', async () => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect((await keepalive(['plugin', 'new', folder])).exitCode).toBe(0);
    const { exitCode, out } = await keepalive(['plugin', 'test', folder]);
    expect(exitCode).toBe(0);
    expect(out).toContain('my-tool passes the contract tests.');
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      name: 'keepalive-plugin-my-tool',
      peerDependencies: { 'session-keepalive': '^0' },
      keepalivePlugin: { apiVersion: 1 },
    });
  });

  test('creates a plugin that renews an expiring login with its own tool', async () => {
    const folder = join(temporaryFolder(), 'acme');
    await keepalive(['plugin', 'new', folder]);
    const create = await importPlugin(folder, temporaryFolder());
    const login = (expiresAt: string) => JSON.stringify({ token: 'CANARY', expiresAt });
    const soon = (overrides: FakeOverrides) => {
      const files = fakeFiles({ '~/.acme/login.json': login('2026-01-01T00:01:00Z') });
      const exec = () => {
        files.write('~/.acme/login.json', login('2026-01-01T01:00:00Z'));
        return {};
      };
      return fakeContext({ ...overrides, files, exec });
    };
    const report = await testProvider(create, {
      scenarios: [{ name: 'the login ends soon', context: soon, expect: 'refreshed' }],
    });
    expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
  });

  test('overwrites no existing folder', async () => {
    const folder = join(temporaryFolder(), 'acme');
    mkdirSync(folder);
    expect(await keepalive(['plugin', 'new', folder])).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringContaining(folder),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the files include a test', () => {
    expect(Object.keys(pluginFiles('acme'))).toEqual(['package.json', 'index.ts', 'index.test.ts']);
  });

  test.each(RECIPES)('--recipe %s makes a plugin that passes the contract', async recipe => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect(await keepalive(['plugin', 'new', folder, '--recipe', recipe])).toMatchObject({ exitCode: 0, err: '' });
    const { exitCode, out } = await keepalive(['plugin', 'test', folder]);
    expect(out).toContain('my-tool passes the contract tests.');
    expect(exitCode).toBe(0);
    const isCustom = readFileSync(join(folder, 'index.ts'), 'utf8').includes('defineProvider');
    expect(isCustom).toBe(recipe === 'custom');
  });

  test('an unknown recipe is a usage error', async () => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect(await keepalive(['plugin', 'new', folder, '--recipe', 'saml'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('Give one of oauth, cookies, command, custom.'),
    });
  });
});

describe('plugin test', () => {
  const write = (text: string) => {
    const file = join(temporaryFolder(), 'plugin.ts');
    writeFileSync(file, text);
    return file;
  };

  test('lists failed contract tests, and exits with 1', async () => {
    const refresh = "async () => ({ status: 'wonderful' })";
    const file = write(
      `export default () => ({ kind: 'provider', id: 'bad', displayName: 'Bad', refresh: ${refresh} });`,
    );
    const { exitCode, out } = await keepalive(['plugin', 'test', file]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/✗ returns an outcome even if nothing is installed.*\n    The status is not one of refreshed/);
  });

  test.each([
    ['KA_PLUGIN_NOT_FOUND', () => '/no/such/plugin.ts'],
    ['KA_PLUGIN_INVALID', () => write('export default 42;')],
  ])('says %s', async (code, file) => {
    expect(await keepalive(['plugin', 'test', file()])).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringContaining(code),
    });
  });
});

describe('config init', () => {
  test('writes a private file that keeps alive what is found, as no file does, and never overwrites', async () => {
    const home = temporaryFolder();
    const first = await keepalive(['config', 'init'], { env: { KEEPALIVE_HOME: home } });
    const file = join(home, 'keepalive.config.ts');
    expect(first).toMatchObject({ exitCode: 0, out: expect.stringContaining(file) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain("\n    'auto',\n");
    writeFileSync(file, 'mine');
    expect(await keepalive(['config', 'init'], { env: { KEEPALIVE_HOME: home } })).toMatchObject({
      exitCode: 1,
      out: '',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('the written file is a valid configuration', async () => {
    const file = join(temporaryFolder(), 'keepalive.config.ts');
    writeFileSync(file, configTemplate());
    const sdk = new URL('../../../sdk/index.ts', import.meta.url).pathname;
    const config = await createJiti(file, { alias: { 'session-keepalive/sdk': sdk }, fsCache: false }).import(file, {
      default: true,
    });
    expect(config).toEqual({ plugins: ['auto'], policy: {}, sessions: {} });
  });
});
