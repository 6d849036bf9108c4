import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEntry } from '../../kernel/plugins/loader.ts';
import { failed } from '../../kernel/plugins/slot.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';
import { notIsolated } from '../support/daemon/not-isolated.ts';

const provider = (more = '', id = 'acme') =>
  `({ kind: 'provider', id: '${id}', displayName: 'Acme', refresh: async () => ({ status: 'fresh' }), ${more} })`;
const factory = (plugin: string) => `export default () => ${plugin};`;
const ID = 'expected at most 64 letters, digits, dots, dashes and underscores that begin with a letter or digit';
const FACTORY = 'expected a function that makes the plugin from its options';
const KINDS = 'expected "provider", "frontend" or "notifier"';

/** What loading an entry says, in a folder with these files. */
async function load(name: string, files: Readonly<Record<string, string>>, options: object = {}) {
  const home = temporaryHome(files);
  const origin = { base: join(home, 'keepalive.config.json'), stateDir: home };
  try {
    return (await loadEntry([name, options, { isolated: false }], origin, notIsolated)).info;
  } catch (error) {
    const { info } = failed(name, error);
    return { ...info.error, message: info.error?.message.replaceAll(home, '') };
  }
}

describe('a plugin that does not conform is described by its member, what is expected, and what was found', () => {
  test.each<[what: string, code: string, path: string, message: string]>([
    ['returns a text', factory(`'acme'`), '', 'expected the factory to return a plugin object, found a text'],
    ['returns nothing', factory('undefined'), '', 'expected the factory to return a plugin object, found nothing'],
    [
      'has no default export',
      'export const acme = () => 1;',
      'default export',
      `${FACTORY}, but it is missing: the module exports acme`,
    ],
    ['exports nothing', '', 'default export', `${FACTORY}, but it is missing`],
    [
      'exports the plugin',
      `export default ${provider()};`,
      'default export',
      `${FACTORY}, found the plugin itself: write \`export default options => …\``,
    ],
    ['exports a text', `export default 'acme';`, 'default export', `${FACTORY}, found a text`],
    [
      'has no kind',
      factory(`({ id: 'acme' })`),
      'kind',
      `${KINDS}, but it is missing. defineProvider, defineNotifier and defineFrontend of session-keepalive/sdk set it.`,
    ],
    [
      'misspells its kind',
      factory(`({ kind: 'providor' })`),
      'kind',
      `${KINDS}, found "providor". Did you mean "provider"?`,
    ],
    ['has a bad id', factory(provider('', 'Bad id!')), 'id', `${ID}, found "Bad id!"`],
    ['has no id', factory(provider('id: undefined')), 'id', `${ID}, but it is missing`],
    [
      'has no name',
      factory(provider('displayName: undefined')),
      'displayName',
      'expected a text that is not empty, but it is missing',
    ],
    [
      'has a number as its name',
      factory(provider('displayName: 5')),
      'displayName',
      'expected a text that is not empty, found 5',
    ],
    ['has no refresh', factory(provider('refresh: undefined')), 'refresh', 'expected a function, but it is missing'],
    ['has a text as refresh', factory(provider(`refresh: 'yes'`)), 'refresh', 'expected a function, found "yes"'],
    ['has a list as inspect', factory(provider('inspect: []')), 'inspect', 'expected a function, found an empty list'],
    ['has an object as watch', factory(provider('watch: {}')), 'watch', 'expected a function, found an object'],
    ['has a text as policy', factory(provider(`policy: 'daily'`)), 'policy', 'expected an object, found "daily"'],
    [
      'has a wrong value in its policy',
      factory(provider(`policy: { schedule: 'daily' }`)),
      'policy.schedule',
      'expected an object, found "daily"',
    ],
    [
      'misspells a member of its policy',
      factory(provider(`policy: { refreshBefor: '5m' }`)),
      'policy',
      '"refreshBefor" is not known. Did you mean "refreshBefore"?',
    ],
    [
      'has no run in signIn',
      factory(provider(`signIn: { account: 'a', hosts: [], steps: { here: [], device: [] } }`)),
      'signIn.run',
      'expected a function, but it is missing',
    ],
    [
      'has an unknown step',
      factory(provider(`signIn: { account: 'a', hosts: [], steps: { here: ['x'], device: [] }, run() {} }`)),
      'signIn.steps.here',
      'expected a list of "open" and "code", found a list',
    ],
    [
      'is a frontend without start',
      factory(`({ kind: 'frontend', id: 'acme' })`),
      'start',
      'expected a function, but it is missing',
    ],
    [
      'is a notifier that misspells raise',
      factory(`({ kind: 'notifier', id: 'acme', rise() {} })`),
      'raise',
      'expected a function, but it is missing. Is it `rise`?',
    ],
    [
      'is a notifier with a number as clear',
      factory(`({ kind: 'notifier', id: 'acme', raise() {}, clear: 3 })`),
      'clear',
      'expected a function, found 3',
    ],
  ])('%s', async (_what, code, path, message) => {
    const found = await load('./acme.mjs', { 'acme.mjs': code });
    expect(found).toMatchObject({
      code: 'KA_PLUGIN_INVALID',
      file: expect.stringMatching(/acme\.mjs$/),
      problems: [{ path, message }],
      message: expect.stringContaining(`The plugin ./acme.mjs does not conform to the plugin API: ${path}`),
    });
  });

  test('a CommonJS module without a factory', async () => {
    const found = await load('./acme.cjs', { 'acme.cjs': `module.exports = { acme: () => ${provider()} };` });
    expect(found).toMatchObject({ problems: [{ message: `${FACTORY}, but it is missing: the module exports acme` }] });
  });

  test('all problems at once', async () => {
    const found = await load('./acme.mjs', { 'acme.mjs': factory(`({ kind: 'provider' })`) });
    expect(found).toMatchObject({ problems: [{ path: 'id' }, { path: 'displayName' }, { path: 'refresh' }] });
  });
});

describe('a plugin that throws while it is loaded is described with the place', () => {
  test.each<[what: string, files: Record<string, string>, message: string]>([
    [
      'in its factory',
      { 'acme.mjs': `\nexport default () => {\n  throw new Error('not today');\n};` },
      '(/acme.mjs:3): not today.',
    ],
    [
      'in an asynchronous factory',
      { 'acme.mjs': `export default async () => {\n  throw new Error('not today');\n};` },
      '(/acme.mjs:2): not today.',
    ],
    ['at the top', { 'acme.mjs': `\n\nthrow new Error('not today');` }, '(/acme.mjs:3): not today.'],
    [
      'in a file that it imports',
      { 'acme.mjs': `import './other.mjs';`, 'other.mjs': `\nthrow new Error('not today');` },
      '(/other.mjs:2): not today.',
    ],
    [
      'at a package that is missing',
      { 'acme.mjs': `import 'no-such-package';` },
      `(/acme.mjs:1): Cannot find module 'no-such-package'.`,
    ],
    [
      'at a file that is missing',
      { 'acme.mjs': `import './gone.mjs';` },
      `(/acme.mjs:1): Cannot find module './gone.mjs'.`,
    ],
    [
      'at wrong syntax',
      { 'acme.mjs': `\nexport default () => { return {;` },
      '(/acme.mjs:2): ParseError: Unexpected token.',
    ],
  ])('%s', async (_what, files, message) => {
    const found = await load('./acme.mjs', files);
    expect(found).toMatchObject({ code: 'KA_PLUGIN_FAILED', message: `The plugin threw an error ${message}` });
  });

  test('at wrong TypeScript', async () => {
    const found = await load('./acme.ts', { 'acme.ts': `const name: string = ;` });
    expect(found).toMatchObject({ message: 'The plugin threw an error (/acme.ts:1): ParseError: Unexpected token.' });
  });
});

describe('a name that leads nowhere comes with what was meant', () => {
  const files = {
    'good.mjs': factory(provider()),
    'sub/readme.md': '',
    'node_modules/keepalive-plugin-acme/package.json': '{"exports":"./dist/index.js"}',
    'node_modules/keepalive-plugin-next/package.json':
      '{"exports":"./index.js","type":"module","keepalivePlugin":{"apiVersion":2}}',
    'node_modules/keepalive-plugin-next/index.js': factory(provider()),
  };
  test.each<[name: string, code: string, message: string]>([
    ['claud', 'KA_PLUGIN_NOT_FOUND', 'Did you mean "claude"?'],
    ['acme', 'KA_PLUGIN_NOT_FOUND', 'Did you mean "keepalive-plugin-acme"?'],
    ['keepalive-plugin-amce', 'KA_PLUGIN_NOT_FOUND', 'Did you mean "keepalive-plugin-acme"?'],
    [
      'keepalive-plugin-acme',
      'KA_PLUGIN_NOT_FOUND',
      'It is installed, but the file that its package.json names is not there',
    ],
    ['keepalive-plugin-next', 'KA_PLUGIN_API', 'was made for version 2 of the plugin API, and version 1 is supported.'],
    ['good.mjs', 'KA_PLUGIN_NOT_FOUND', 'Write "./good.mjs": a name without "./" is a package.'],
    ['./goood.mjs', 'KA_PLUGIN_NOT_FOUND', 'Did you mean "./good.mjs"?'],
    ['./good', 'KA_PLUGIN_NOT_FOUND', 'Did you mean "./good.mjs"?'],
    ['./sub', 'KA_PLUGIN_NOT_FOUND', 'The folder has no index.js or index.ts'],
    ['~/no-such-folder/acme.mjs', 'KA_PLUGIN_NOT_FOUND', 'There is no plugin file ~/no-such-folder/acme.mjs.'],
  ])('%s', async (name, code, message) => {
    expect(await load(name, files)).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

test('a factory may be asynchronous', async () => {
  const code = `export default async ({ id }) => ${provider('id')};`;
  expect(await load('./acme.mjs', { 'acme.mjs': code }, { id: 'late' })).toMatchObject({
    id: 'late',
    status: 'loaded',
  });
});

test('a path may begin with the home of the user', async () => {
  const home = temporaryHome({ 'plugins/acme.mjs': factory(provider()) });
  const before = process.env['HOME'];
  process.env['HOME'] = home;
  try {
    expect(await load('~/plugins/acme.mjs', {})).toMatchObject({ id: 'acme', status: 'loaded' });
  } finally {
    process.env['HOME'] = before;
  }
});
