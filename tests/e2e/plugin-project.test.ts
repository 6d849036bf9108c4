import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RECIPES } from '../../plugins/ui-cli/context/options.ts';
import { pluginFiles, type NewPlugin } from '../../plugins/ui-cli/templates/plugin/files.ts';
import { TEMPORARY } from '../support/io/temporary.ts';
import { ROOT } from '../support/sources.ts';

const run = promisify(execFile);

/** Every plugin that `plugin new` makes. */
const MADE: readonly (readonly [name: string, made: NewPlugin])[] = [
  ...RECIPES.map(recipe => [recipe, { recipe }] as const),
  ['notifier', { kind: 'notifier' }],
  ['frontend', { kind: 'frontend' }],
];

/** A project of someone else, with the packed package installed in it. */
let project: string;
let folder: string;
/** What the compiler prints about all new plugins: one run for all, because most of its time goes to libraries. */
let compiled: string;

beforeAll(async () => {
  folder = await mkdtemp(join(TEMPORARY, 'plugin-project-'));
  project = join(folder, 'project');
  const installed = join(project, 'node_modules/session-keepalive');
  await mkdir(installed, { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: ROOT });
  const [{ filename }] = JSON.parse(stdout);
  await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  // What the package and the project depend on. It is one folder up, so that the package itself is the packed one.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, made] of MADE) {
    await mkdir(join(project, name));
    for (const [file, text] of Object.entries(pluginFiles('my-tool', made)))
      await writeFile(join(project, name, file), text);
  }
  await writeFile(join(project, 'tsconfig.json'), TSCONFIG);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout: printed } = await run(process.execPath, [
    tsc,
    '-p',
    project,
    '--listFiles',
    '--pretty',
    'false',
  ]).catch((error: { readonly stdout: string }) => error);
  compiled = printed;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2023',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
    skipLibCheck: false,
  },
});

test.each(MADE)('a new plugin of %s compiles against the packed package', async (name, made) => {
  const ours = Object.keys(pluginFiles('my-tool', made)).filter(file => file.endsWith('.ts'));
  expect(ours).not.toEqual([]);
  expect(compiled.split('\n')).toEqual(expect.arrayContaining(ours.map(file => join(project, name, file))));
  expect(compiled.split('\n').filter(line => line.includes('error TS'))).toEqual([]);
});

test('the public types need no other types than their own', async () => {
  const entries = join(project, 'entries');
  await mkdir(entries);
  const tsconfig = JSON.parse(TSCONFIG);
  tsconfig.compilerOptions.types = [];
  await writeFile(join(entries, 'tsconfig.json'), JSON.stringify(tsconfig));
  const code = ['sdk', 'client', 'recipes', 'testing'].map(name => `export * from 'session-keepalive/${name}';\n`);
  for (const [index, line] of code.entries()) await writeFile(join(entries, `${index}.mts`), line);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', entries]).catch(
    (error: { readonly stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

test('the tests of all new plugins pass there', async () => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { VITEST: _ours, ...env } = process.env;
  const options = { cwd: project, env };
  const { stdout } = await run(process.execPath, [vitest, 'run', '--root', project, '--maxWorkers=1'], options).catch(
    (error: { readonly stdout: string }) => error,
  );
  expect(stdout).toMatch(/Test Files.*6 passed/);
});
