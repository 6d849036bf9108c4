import { chownSync, lchownSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../config/find.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import { trust } from '../../sdk/config-file/trust.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';

const TS = `
  import { defineConfig } from 'session-keepalive/sdk';
  import { names } from './names.ts';
  enum Level { quiet = 'warn' }
  export default defineConfig({ plugins: names, logLevel: Level.quiet });
`;
const NAMES = `export const names: string[] = ['codex'];`;
const JSON_TEXT = '{"plugins":["codex"],"logLevel":"warn"}';
const YAML = 'plugins: [codex]\nlogLevel: warn\n';
const ESM = `export default { plugins: ['codex'], logLevel: 'warn' };`;
const COMMONJS = `module.exports = { plugins: ['codex'], logLevel: 'warn' };`;

const homeIn = (folder: string) => locateHome({ KEEPALIVE_HOME: folder });
const find = (folder: string, file?: string, cwd = folder) => findConfig(homeIn(folder), file, cwd);

describe('every form of a configuration is found and read', () => {
  test.each([
    ['keepalive.config.ts', { 'keepalive.config.ts': TS, 'names.ts': NAMES }],
    ['keepalive.config.mts', { 'keepalive.config.mts': TS, 'names.ts': NAMES }],
    ['keepalive.config.js', { 'keepalive.config.js': ESM }],
    ['keepalive.config.js', { 'keepalive.config.js': ESM, 'package.json': '{"type":"module"}' }],
    ['keepalive.config.js', { 'keepalive.config.js': COMMONJS, 'package.json': '{"type":"commonjs"}' }],
    ['keepalive.config.mjs', { 'keepalive.config.mjs': ESM }],
    ['keepalive.config.cjs', { 'keepalive.config.cjs': COMMONJS }],
    ['keepalive.config.json', { 'keepalive.config.json': JSON_TEXT }],
    ['keepalive.config.yaml', { 'keepalive.config.yaml': YAML }],
    ['keepalive.config.yml', { 'keepalive.config.yml': YAML }],
    ['.keepaliverc', { '.keepaliverc': YAML }],
    ['.keepaliverc.json', { '.keepaliverc.json': JSON_TEXT }],
    ['.keepaliverc.yaml', { '.keepaliverc.yaml': YAML }],
    ['.keepaliverc.yml', { '.keepaliverc.yml': YAML }],
    ['package.json', { 'package.json': `{"name":"x","keepalive":${JSON_TEXT}}` }],
  ])('%s with %o', async (name, files) => {
    const folder = temporaryHome(files);
    expect(await find(folder)).toMatchObject({ file: join(folder, name), plugins: ['codex'], logLevel: 'warn' });
  });
});

describe('the places that are searched', () => {
  test('the home is searched before the working directory', async () => {
    const [home, cwd] = [
      temporaryHome({ 'keepalive.config.json': JSON_TEXT }),
      temporaryHome({ 'keepalive.config.ts': TS, 'names.ts': NAMES }),
    ];
    expect((await find(home, undefined, cwd)).file).toBe(join(home, 'keepalive.config.json'));
  });

  test('the working directory is searched next, and its configuration is used if it is trusted', async () => {
    const [home, cwd] = [temporaryHome(), temporaryHome({ '.keepaliverc': YAML })];
    expect((await find(home, undefined, cwd)).file).toBeNull();
    await trust(join(cwd, '.keepaliverc'), homeIn(home));
    expect((await find(home, undefined, cwd)).file).toBe(realpathSync(join(cwd, '.keepaliverc')));
  });

  test('parent folders are never searched, because other users may write there', async () => {
    const parent = temporaryHome({ 'keepalive.config.json': JSON_TEXT, 'child/file': '' });
    expect((await find(temporaryHome(), undefined, join(parent, 'child'))).file).toBeNull();
  });

  test('a package.json without our key is not a configuration', async () => {
    expect(await find(temporaryHome({ 'package.json': '{"name":"x"}' }))).toMatchObject({
      file: null,
      plugins: ['auto'],
    });
  });

  test('a file given by name takes precedence, and must exist', async () => {
    const folder = temporaryHome({ 'keepalive.config.json': JSON_TEXT, 'other.yaml': 'plugins: []\n' });
    expect(await find(folder, join(folder, 'other.yaml'))).toMatchObject({ plugins: [] });
    await expect(find(folder, join(folder, 'none.json'))).rejects.toMatchObject({ code: 'KA_CONFIG_NOT_FOUND' });
  });
});

test.each([
  ['keepalive.config.mjs', ESM, {}],
  ['keepalive.config.cjs', COMMONJS, {}],
  ['keepalive.config.js', ESM, {}],
  ['keepalive.config.js', ESM, { 'package.json': '{"type":"module"}' }],
  ['keepalive.config.js', COMMONJS, { 'package.json': '{"type":"commonjs"}' }],
])('%s is read again after a change', async (name, text, more) => {
  const folder = temporaryHome({ [name]: text, ...more });
  expect((await find(folder)).logLevel).toBe('warn');
  writeFileSync(join(folder, name), text.replace('warn', 'debug'));
  expect((await find(folder)).logLevel).toBe('debug');
});

test('a TypeScript configuration is read again after a change of it or of a file that it imports', async () => {
  const folder = temporaryHome({ 'keepalive.config.ts': TS, 'names.ts': NAMES });
  expect((await find(folder)).plugins).toEqual(['codex']);
  writeFileSync(join(folder, 'names.ts'), `export const names: string[] = ['oauth', 'codex'];`);
  expect((await find(folder)).plugins).toEqual(['oauth', 'codex']);
});

const isRoot = process.getuid?.() === 0;
describe.skipIf(!isRoot)(
  `in a folder where others may have left files${isRoot ? '' : ' (skipped: only root can give files away)'}`,
  () => {
    const foreign = (files: Readonly<Record<string, string>>) => {
      const folder = temporaryHome(files);
      for (const name of Object.keys(files)) chownSync(join(folder, name), 65_534, 65_534);
      return folder;
    };
    const RUNS = 'globalThis.strangersCodeRan = true; export default { plugins: [] };';

    test('that user’s configuration is refused before it is run, unless it is given by name', async () => {
      const folder = foreign({ 'keepalive.config.ts': RUNS });
      await expect(find(folder)).rejects.toMatchObject({
        code: 'KA_CONFIG_INVALID',
        details: {
          file: join(folder, 'keepalive.config.ts'),
          problems: [{ message: expect.stringContaining('belongs to another user') }],
        },
      });
      expect((await find(temporaryHome(), undefined, folder)).file).toBeNull();
      expect('strangersCodeRan' in globalThis).toBe(false);
      expect((await find(temporaryHome(), join(folder, 'keepalive.config.ts'), folder)).file).toBe(
        join(folder, 'keepalive.config.ts'),
      );
    });

    test('that user’s link is refused, even to a file of our own', async () => {
      const folder = temporaryHome({ 'mine.json': JSON_TEXT });
      symlinkSync(join(folder, 'mine.json'), join(folder, 'keepalive.config.json'));
      lchownSync(join(folder, 'keepalive.config.json'), 65_534, 65_534);
      await expect(find(folder)).rejects.toMatchObject({ code: 'KA_CONFIG_INVALID' });
    });

    test('that user’s package.json is ignored', async () => {
      expect(
        (await find(temporaryHome(), undefined, foreign({ 'package.json': '{"keepalive":{"plugins":["codex"]}}' })))
          .file,
      ).toBeNull();
    });
  },
);

describe('mistakes are reported with the path inside the file', () => {
  const paths = async (config: unknown): Promise<readonly string[]> => {
    const folder = temporaryHome({ 'keepalive.config.json': JSON.stringify(config) });
    const refusal: unknown = await find(folder).catch((error: unknown) => error);
    if (!isKeepaliveError(refusal)) throw new Error('It was not refused.');
    expect(refusal.details['file']).toBe(join(folder, 'keepalive.config.json'));
    return (refusal.details['problems'] as readonly Problem[]).map(({ path }) => path);
  };

  test.each([
    [{}, ['plugins']],
    [{ plugins: 'codex' }, ['plugins']],
    [{ plugins: ['codex', 7, ['x'], ['y', 1]] }, ['plugins[1]', 'plugins[2]', 'plugins[3]']],
    [{ plugins: [], policy: { minInterval: 120, retries: 1.5 } }, ['policy.minInterval', 'policy.retries']],
    [{ plugins: [], policy: { schedule: { mode: 'sometimes' } } }, ['policy.schedule.mode']],
    [{ plugins: [], policy: { schedule: { mode: 'cron', pattern: 'whenever' } } }, ['policy.schedule.pattern']],
    [
      { plugins: [], sessions: { codex: { schedule: { mode: 'cron', pattern: '0 0 30 2 *' } } } },
      ['sessions.codex.schedule.pattern'],
    ],
    [
      { plugins: [], policy: { schedule: { mode: 'daily', at: '9 am', timezone: 'Mars/Base' } } },
      ['policy.schedule.at', 'policy.schedule.timezone'],
    ],
    [{ plugins: [], sessions: { codex: { jitter: 2 } } }, ['sessions.codex.jitter']],
    [{ plugins: [], rpc: { port: 70_000, host: '0.0.0.0' } }, ['rpc.port', 'rpc']],
    [{ plugins: [], telemetry: true }, ['']],
    [{ plugins: [], concurrency: 0, logLevel: 'loud' }, ['concurrency', 'logLevel']],
  ])('%j', async (config, expected) => {
    expect(await paths(config)).toEqual(expected);
  });

  test.each([
    ['keepalive.config.json', '{"plugins": oops}', 'not JSON: expected a value, found o (line 1, column 13)'],
    [
      'keepalive.config.json',
      '{"plugins": [["oauth", {\n"clientSecret": "CANARY" "scope": "x"}]]}',
      'not JSON: expected a comma or }, found " (line 2, column 26)',
    ],
    [
      'keepalive.config.json',
      '{"plugins": [["oauth", {"clientSecret": CANARY}]]}',
      'not JSON: expected a value, found C (line 1, column 41)',
    ],
    [
      'keepalive.config.json',
      '{"plugins": [["oauth", {"clientSecret": "CANARY"',
      'not JSON: expected a comma or }, but the text ends (line 1, column 49)',
    ],
    [
      'package.json',
      '{\r\n"keepalive": {"plugins": [["oauth", {"clientSecret": "CANARY",}]]}}',
      'not JSON: expected a name in double quotes, found } (line 2, column 63)',
    ],
    [
      'keepalive.config.yaml',
      'plugins:\n  - [oauth, {clientSecret: CANARY, : }]\n bad',
      'bad indentation of a mapping entry (line 3, column 2)',
    ],
    ['keepalive.config.yml', 'plugins: *CANARY\n', 'unidentified alias "…" (line 1, column 17)'],
    ['.keepaliverc', 'plugins:\n\t- codex\n', 'tab characters must not be used in indentation (line 2, column 1)'],
    [
      'keepalive.config.ts',
      'export default {\n  plugins: [["oauth", { clientSecret: "CANARY" "x" }]] };',
      'ParseError: Unexpected token, expected "," (line 2, column 48)',
    ],
  ])(
    'a file that does not parse (%s: %s) is reported with problem and line, but without its content',
    async (name, text, message) => {
      const refusal: unknown = await find(temporaryHome({ [name]: text })).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'KA_CONFIG_INVALID', details: { problems: [{ path: '', message }] } });
      const { details, stack, cause } = refusal as Error & { readonly details: unknown };
      expect(inspect([details, stack, cause], { depth: 9 })).not.toContain('CANARY');
    },
  );
});
