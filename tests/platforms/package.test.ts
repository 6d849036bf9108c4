import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { run, scratch, sizeOf } from '../support/platforms/programs.ts';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';

// The packed package, installed from the registry's packages as users install it.

const MAX_BYTES = 35_000_000;
const MAX_PACKAGES = 60;
const QUIET = ['--no-audit', '--no-fund'];

const folder = scratch('package');
const app = join(folder, 'app');
const tarball = inject('tarball');
let installed = '';
beforeAll(async () => {
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"name":"app","private":true}');
  const { stdout, stderr } = await run('npm', ['install', ...QUIET, tarball], { cwd: app });
  installed = stdout + stderr;
});

const keepalive = join(app, 'node_modules/.bin/keepalive');
const home = () => ({ KEEPALIVE_HOME: temporaryHome() });

describe('npm install', () => {
  test('warns of nothing', () => {
    expect(installed).not.toMatch(/warn|deprecated|script/i);
  });

  test(`installs at most ${MAX_PACKAGES} packages of ${MAX_BYTES / 1e6} MB together`, () => {
    const lock = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'));
    const packages = Object.entries<{ readonly hasInstallScript?: boolean }>(lock.packages);
    expect(packages.length).toBeLessThanOrEqual(MAX_PACKAGES);
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
    expect(sizeOf(join(app, 'node_modules'))).toBeLessThan(MAX_BYTES);
  });

  test('installs a program that runs, reads YAML, a browser, and replaces itself', async () => {
    const env = home();
    writeFileSync(
      join(app, 'keepalive.config.yaml'),
      'plugins:\n  - - cookies\n    - { id: a, jar: { browser: firefox } }\n',
    );
    const check = run(keepalive, ['config', 'show', '--config', 'keepalive.config.yaml'], { cwd: app, env });
    expect(await check.then(String, (error: { readonly stderr: string }) => error.stderr)).not.toMatch(
      /Cannot find|stack/i,
    );
    expect((await run(keepalive, ['--version'], { cwd: app, env })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const script = `import sql from './node_modules/session-keepalive/dist/packed/sql-wasm.cjs';
      const { Database } = await sql(); console.log(new Database().exec('SELECT 6 * 7')[0].values[0][0]);`;
    expect((await run('node', ['--input-type=module', '-e', script], { cwd: app })).stdout).toBe('42\n');
  });
});

describe('other installations', () => {
  test('npm install --global without scripts has all programs', async () => {
    const prefix = join(folder, 'global');
    await run('npm', ['install', '--global', '--ignore-scripts', '--prefix', prefix, ...QUIET, tarball], {
      cwd: folder,
    });
    const programs = readdirSync(join(prefix, 'bin')).toSorted();
    expect(programs).toEqual(['keepalive', 'keepalived', 'session-keepalive']);
    const { stdout } = await run(join(prefix, 'bin/session-keepalive'), ['--version'], { cwd: folder, env: home() });
    expect(stdout).toMatch(/^\d/);
  });

  test('npx runs the program of the name of the package', async () => {
    const { stdout } = await run('npx', ['--yes', `file:${tarball}`, '--version'], { cwd: folder, env: home() });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('pnpm installs it without a script to approve', async () => {
    const cwd = join(folder, 'pnpm');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'package.json'), '{"name":"app","private":true}');
    const pnpm = ['--yes', '--package=pnpm@10.34.8', '--', 'pnpm'];
    const { stdout, stderr } = await run('npx', [...pnpm, 'add', tarball], { cwd });
    expect(stdout + stderr).not.toMatch(/Ignored build scripts|ERR_PNPM/);
    const ran = await run(join(cwd, 'node_modules/.bin/keepalive'), ['check', '--json'], { cwd, env: home() });
    expect(JSON.parse(ran.stdout)).toEqual([]);
  });
});

describe('exports', () => {
  test.each(['sdk/client/client.js', 'dist/sdk/index.js', 'dist/kernel/main.js', 'sdk/index', 'kernel', 'dist'])(
    'session-keepalive/%s is not reachable',
    async path => {
      const code = `import('session-keepalive/${path}').then(() => console.log('there'), e => console.log(e.code))`;
      expect((await run('node', ['-e', code], { cwd: app })).stdout).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
    },
  );

  test('publint and attw find nothing', async () => {
    const strict = ['--yes', 'publint@0.3.25', '--strict', join(app, 'node_modules/session-keepalive')];
    expect((await run('npx', strict, { cwd: folder })).stdout).toContain('All good');
    const types = ['--yes', '--package=@arethetypeswrong/cli@0.18.5', '--', 'attw', '--profile', 'esm-only', tarball];
    const ignored = ['--exclude-entrypoints', 'schema.json', 'openrpc.json'];
    // It fails if it finds a problem.
    const { stdout } = await run('npx', [...types, ...ignored], { cwd: folder });
    for (const name of ['', '/sdk', '/client', '/recipes', '/testing'])
      expect(stdout).toMatch(new RegExp(`"session-keepalive${name}"\\s+node16 \\(from ESM\\): 🟢`));
  });
});

describe.each(['cjs', 'esm'])('the client, bundled by esbuild as %s', format => {
  test('asks a daemon, and rejects with its errors', async () => {
    const daemon = await startDaemon(temporaryHome());
    const { home } = await daemon.client.request('kernel/info');
    const source = join(app, `ask-${format}.ts`);
    const bundle = join(folder, `ask.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    writeFileSync(source, ASKING);
    const args = [source, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`];
    await run('npx', ['--yes', 'esbuild@0.28.2', ...args], { cwd: app });
    // Outside of the application, so that the bundle finds no package.
    const { stdout } = await run('node', [bundle, join(home, 'endpoint.json')], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual(['session-keepalive', 'KA_RPC_INVALID_PARAMS', true, true]);
  });
});

const ASKING = `import { API_VERSION, connect, isKeepaliveError } from 'session-keepalive/client';
async function main() {
  const client = await connect({ endpointFile: process.argv[2] });
  const { name, apiVersion } = await client.request('kernel/info');
  const error = await client.request('session/get', {} as never).catch(reason => reason);
  const isOurs = isKeepaliveError(error) && error.message.includes('id: ');
  console.log(JSON.stringify([name, error.code, isOurs, apiVersion === API_VERSION]));
  client.close();
}
void main();
`;
