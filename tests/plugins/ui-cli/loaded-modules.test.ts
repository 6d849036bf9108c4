import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environment, KEEPALIVE, startDaemon, temporaryHome } from '../../support/daemon/daemon.ts';
import { coverageIn, modulesLoadedIn, packagesOf } from '../../support/loaded-modules.ts';

/** The modules that a command loads. */
function loadedBy(args: readonly string[], home: string = temporaryHome()): readonly string[] {
  spawnSync(process.execPath, [KEEPALIVE, ...args], { env: environment(home, coverageIn(home)) });
  return modulesLoadedIn(home);
}

const isSchema = (module: string): boolean => /\/zod\/|-schema\.js$/.test(module);
const isOfTheService = (module: string): boolean => module.startsWith('dist/plugins/ui-cli/service/');
const isOfTheKernel = (module: string): boolean => /^dist\/(kernel|server|lifecycle|config)\//.test(module);

// A prompt is drawn before every command of a shell.
test('keepalive prompt loads a few small modules, and no package', () => {
  const loaded = loadedBy(['prompt']);
  expect(packagesOf(loaded)).toEqual([]);
  expect(loaded.filter(isOfTheKernel)).toEqual([]);
  expect(loaded.length).toBeGreaterThan(5);
  expect(loaded.length).toBeLessThan(40);
});

test.each(['status', 'completion bash'])(
  'keepalive %s loads no schemas, and nothing of the kernel or the service',
  command => {
    const loaded = loadedBy(command.split(' '));
    expect(packagesOf(loaded)).toEqual(['commander', 'json-rpc-2.0']);
    const others = [isSchema, isOfTheKernel, isOfTheService];
    expect(loaded.filter(module => others.some(isOf => isOf(module)))).toEqual([]);
  },
);

test('keepalive status beside a daemon also loads what a connection needs, and no more', async () => {
  const home = temporaryHome();
  await startDaemon(home);
  const loaded = loadedBy(['status'], home);
  // It also uses native parts of ws, if another package has installed them.
  expect(packagesOf(loaded)).toEqual(expect.arrayContaining(['commander', 'json-rpc-2.0', 'ws']));
  expect(loaded.filter(module => isSchema(module) || isOfTheKernel(module))).toEqual([]);
});

test('keepalive check without a daemon loads neither the server nor the log', () => {
  const home = temporaryHome();
  const file = join(home, 'token.json');
  writeFileSync(file, JSON.stringify({ access_token: 'a', refresh_token: 'r', expires_in: 3600 }), { mode: 0o600 });
  const options = { id: 'acme', file, tokenEndpoint: 'http://127.0.0.1:9/token', clientId: 'acme' };
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins: [['oauth', options]] }));
  const packages = packagesOf(loadedBy(['check'], home));
  expect(packages).toContain('zod');
  expect(packages.filter(name => ['ws', 'pino', 'cosmiconfig', 'jiti', 'execa', 'undici'].includes(name))).toEqual([]);
});

test('control: a command that validates loads schemas', () => {
  expect(loadedBy(['set', 'codex', 'retries=5']).filter(isSchema)).not.toEqual([]);
});
