import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKED_PACKAGES } from '../../build/packed-packages.ts';
import { reachable } from '../../build/declarations.ts';
import { slashed } from '../../build/licences.ts';
import { apiSurface, exported, ROOTS } from '../support/api-surface.ts';
import { filesBelow, readText, ROOT } from '../support/sources.ts';

const manifest: {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} = JSON.parse(readText('package.json'));
const built = filesBelow('dist').map(slashed);

// To accept a change of the API: `npx vitest run tests/build/package.test.ts -u`, and review the difference.
test('the public API is the reviewed one of sdk/api.txt', async () => {
  await expect(apiSurface()).toMatchFileSnapshot('../../sdk/api.txt');
});

describe('the package', () => {
  test('has every file that it exports, and a command with its own name', () => {
    const targets = Object.values(exported).flatMap(target =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const missing = [...targets, ...Object.values(manifest.bin)].filter(path => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
    expect(Object.keys(manifest.bin)).toContain(manifest.name);
  });

  test('has only declarations that its exports reach, and they need neither Zod nor the compiler of a plugin', () => {
    const reached = reachable(ROOTS.map(([, file]) => file));
    const shipped = built.filter(file => file.endsWith('.d.ts')).map(file => join(ROOT, file));
    expect(shipped.filter(file => !reached.has(file))).toEqual([]);
    const imported = shipped.flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) .*from '([^.][^']*)';$/gm)].map(([, name]) => name),
    );
    expect([...new Set(imported)]).toEqual(['tough-cookie']);
  });

  test('runs no script when it is installed', () => {
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(Object.keys(manifest.scripts).filter(name => scripts.includes(name))).toEqual([]);
  });

  test('depends on exact versions, and on nothing that is packed', () => {
    const { dependencies, devDependencies } = manifest;
    expect(Object.values(dependencies).filter(version => !/^\d/.test(version))).toEqual([]);
    expect(PACKED_PACKAGES.filter(name => name in dependencies || !(name in devDependencies))).toEqual([]);
  });

  test('loads no package that is not installed with it', () => {
    const loaded = built
      .filter(file => file.endsWith('.js') && !file.includes('/page/'))
      .flatMap(file => [...readText(file).matchAll(/^import .*from "([^".]+)";|import\("([^".][^"]*)"\)/gm)])
      .map(([, first, second]) => first ?? second ?? '');
    const packages = new Set(loaded.filter(name => !name.startsWith('node:') && !BUILT_IN.has(name)));
    expect([...packages].filter(name => !(name in manifest.dependencies))).toEqual([]);
  });
});

const BUILT_IN = new Set(process.getBuiltinModule('node:module').builtinModules);

test('the client is one file that imports only what Node has', () => {
  const client = readText('dist/sdk/client/client.js');
  const imported = [...client.matchAll(/^import .*?"([^"]+)";$/gm)].map(([, name = '']) => name.replace('node:', ''));
  expect(imported.filter(name => !BUILT_IN.has(name))).toEqual([]);
  expect(client).not.toMatch(/import\.meta|createRequire|\bimport\(/);
});

test('every packed package has its licence', () => {
  const licences = readText('dist/packed/LICENSES.txt');
  for (const name of PACKED_PACKAGES) expect(licences).toContain(`${name} (`);
  expect(licences).not.toContain('(undefined)');
});
