import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJiti } from 'jiti';
import { describe, expect, test } from 'vitest';
import { RECIPES } from '../../../plugins/ui-cli/context/options.ts';
import { configTemplate } from '../../../plugins/ui-cli/templates/config.ts';
import { pluginFiles } from '../../../plugins/ui-cli/templates/plugin/files.ts';
import { makePlugin } from '../../../runtime/load-module.ts';
import { fakeContext, fakeFiles, testProvider, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { spawnTrial, type TrialRequest } from '../../../plugins/ui-cli/processes/spawn-trial.ts';
import { requestIn, tryPlugin } from '../../../runtime/trial/try-plugin.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

/** What runs in the process of a trial, run here: a process for each test would take minutes. */
const system = { tryPlugin: (request: TrialRequest) => tryPlugin(requestIn(request), () => undefined) };

describe('plugin new', () => {
  test('creates a plugin that passes the contract tests', async () => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect((await keepalive(['plugin', 'new', folder])).exitCode).toBe(0);
    const { exitCode, out } = await keepalive(['plugin', 'test', folder], { system });
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
    const origin = { base: join(folder, 'keepalive.config.json'), stateDir: temporaryFolder() };
    const { plugin } = await makePlugin({ name: './index.ts', options: {} }, origin);
    const login = (expiresAt: string) => JSON.stringify({ token: 'CANARY', expiresAt });
    const soon = (overrides: FakeOverrides) => {
      const files = fakeFiles({ '~/.acme/login.json': login('2026-01-01T00:01:00Z') });
      const exec = () => {
        files.write('~/.acme/login.json', login('2026-01-01T01:00:00Z'));
        return {};
      };
      return fakeContext({ ...overrides, files, exec });
    };
    const report = await testProvider(plugin, {
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
    expect(Object.keys(pluginFiles('acme'))).toEqual([
      'package.json',
      'tsconfig.json',
      'README.md',
      '.gitignore',
      'index.ts',
      'index.test.ts',
    ]);
  });

  test.each(RECIPES)('--recipe %s makes a plugin that passes the contract', async recipe => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect(await keepalive(['plugin', 'new', folder, '--recipe', recipe])).toMatchObject({ exitCode: 0, err: '' });
    const { exitCode, out } = await keepalive(['plugin', 'test', folder], { system });
    expect(out).toContain('my-tool passes the contract tests.');
    expect(exitCode).toBe(0);
    const isCustom = readFileSync(join(folder, 'index.ts'), 'utf8').includes('defineProvider');
    expect(isCustom).toBe(recipe === 'custom');
  });

  test.each(['notifier', 'frontend'])('--kind %s makes a plugin that passes the contract of its kind', async kind => {
    const folder = join(temporaryFolder(), 'my-tool');
    expect(await keepalive(['plugin', 'new', folder, '--kind', kind])).toMatchObject({ exitCode: 0, err: '' });
    const { out } = await keepalive(['plugin', 'test', folder, '--json'], { system });
    expect(JSON.parse(out)).toMatchObject({ id: 'my-tool', kind, passed: true, file: join(folder, 'index.ts') });
  });

  test('a recipe is for a provider', async () => {
    const argv = ['plugin', 'new', join(temporaryFolder(), 'x'), '--kind', 'notifier', '--recipe', 'oauth'];
    expect(await keepalive(argv)).toMatchObject({ exitCode: 2, err: expect.stringContaining('Leave it out') });
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
    const { exitCode, out } = await keepalive(['plugin', 'test', file], { system });
    expect(exitCode).toBe(1);
    expect(out).toMatch(/✗ returns an outcome even if nothing is installed.*\n    The status is not one of refreshed/);
  });

  const provider = (refresh: string, more = '') =>
    `export default options => { ${more}
      return { kind: 'provider', id: 'acme', displayName: 'Acme', refresh: async () => (${refresh}) }; };`;

  test.each([
    ['says "refreshed" where there is nothing to renew', `{ status: 'refreshed' }`, 'there is nothing to renew'],
    ['invents an expiry', `{ status: 'fresh', expiresAt: new Date(2e12) }`, 'there is no credential that could end'],
  ])('refuses a provider that %s', async (_what, outcome, problem) => {
    const { exitCode, out } = await keepalive(['plugin', 'test', write(provider(outcome)), '--json'], { system });
    expect(exitCode).toBe(1);
    expect(JSON.parse(out).checks).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining(problem) }),
    );
  });

  test('gives the plugin its options, and keeps what it prints out of the document', async () => {
    const file = write(
      provider(`{ status: 'unavailable', hint }`, `console.log('printed'); const hint = options.hint.text;`),
    );
    const options = JSON.stringify({ hint: { text: 'Run it.' } });
    const { exitCode, out } = await keepalive(['plugin', 'test', file, '--options', options, '--json']);
    expect([exitCode, JSON.parse(out).id]).toEqual([0, 'acme']);
    const kept = write(options);
    expect(await keepalive(['plugin', 'test', file, '--options', `@${kept}`], { system })).toMatchObject({
      exitCode: 0,
    });
    expect(await keepalive(['plugin', 'test', file, '--options', '[]'])).toMatchObject({ exitCode: 2 });
    expect(await keepalive(['plugin', 'test', file], { system })).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/\(.*plugin\.ts:\d+\): Cannot read properties of undefined/),
    });
  });

  test('takes the name of a package of the configuration, and of a built-in', async () => {
    const home = temporaryFolder();
    const folder = join(home, 'node_modules/keepalive-plugin-acme');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module","exports":"./index.js"}');
    writeFileSync(join(folder, 'index.js'), provider(`{ status: 'unavailable', hint: 'Sign in.' }`));
    const world = { system, env: { KEEPALIVE_HOME: home } };
    const { exitCode, out } = await keepalive(['plugin', 'test', 'keepalive-plugin-acme'], world);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('acme passes the contract tests.')]);
    expect(await keepalive(['plugin', 'test', 'codex'], { system })).toMatchObject({ exitCode: 0 });
  });

  test('a plugin that ends its process, or never returns control, fails', async () => {
    const ends = write(provider('process.exit(3)'));
    expect(await keepalive(['plugin', 'test', ends])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('It ended its process (exit code 3).'),
    });
    // A stand-in for the program, which blocks without using the processor.
    const main = join(temporaryFolder(), 'trial.mjs');
    const blocks = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
    writeFileSync(main, `process.send({ began: 'refresh, when nothing is installed' }, () => ${blocks});`);
    const impatient = { tryPlugin: (request: TrialRequest) => spawnTrial(request, { main, limitMs: 6_000 }) };
    expect(await keepalive(['plugin', 'test', write(provider('{}'))], { system: impatient })).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/✗ refresh, when nothing is installed.*\n.*It did not return within 6 s/),
    });
  });

  test.each([
    ['KA_PLUGIN_NOT_FOUND', () => '/no/such/plugin.ts'],
    ['KA_PLUGIN_INVALID', () => write('export default 42;')],
  ])('says %s', async (code, file) => {
    expect(await keepalive(['plugin', 'test', file()], { system })).toMatchObject({
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
