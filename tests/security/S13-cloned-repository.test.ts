import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../config/find.ts';
import { makePlugin } from '../../runtime/load-module.ts';
import { connect } from '../../sdk/client/client.ts';
import { locateHome, type Home } from '../../sdk/system/home.ts';
import { distrust, trust, checkTrust } from '../../sdk/config-file/trust.ts';
import { begin, KEEPALIVE, run, temporaryHome } from '../support/daemon/daemon.ts';
import { onTestFinished } from '../support/running-test.ts';

/** Code that leaves a mark when it is run. */
const ran = (folder: string) => join(folder, 'ran');
const runs = (folder: string, rest: string) =>
  `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran(folder))}, '');\n${rest}`;
const ENTRIES = '[["practice", {}]]';
const CODE = (folder: string) => runs(folder, `export default { plugins: ${ENTRIES} };`);
const DATA = `{"plugins":${ENTRIES}}`;

const FORMS: readonly (readonly [name: string, text: (folder: string) => string])[] = [
  ...['ts', 'mts', 'js', 'mjs'].map(extension => [`keepalive.config.${extension}`, CODE] as const),
  [
    'keepalive.config.cjs',
    folder => `require('fs').writeFileSync(${JSON.stringify(ran(folder))}, ''); module.exports = ${DATA};`,
  ],
  ...[
    'keepalive.config.json',
    'keepalive.config.yaml',
    'keepalive.config.yml',
    '.keepaliverc',
    '.keepaliverc.json',
    '.keepaliverc.yaml',
    '.keepaliverc.yml',
  ].map(name => [name, () => DATA] as const),
  ['package.json', () => `{"name":"x","keepalive":${DATA}}`],
];

type Place = { readonly home: Home; readonly repository: string };

/** A home and a cloned repository. */
function cloned(files: Readonly<Record<string, string>> = {}): Place {
  const folder = realpathSync(temporaryHome({ 'home/.keep': '', 'repository/.keep': '' }));
  const place = { home: locateHome({ KEEPALIVE_HOME: join(folder, 'home') }), repository: join(folder, 'repository') };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(place.repository, name, '..'), { recursive: true });
    writeFileSync(join(place.repository, name), text, { mode: 0o600 });
  }
  return place;
}

const used = async ({ home, repository }: Place) => (await findConfig(home, undefined, repository)).file;

describe.each(FORMS)('%s of the working directory', (name, text) => {
  test('is neither run nor used until it is trusted, and after each change trusted again', async () => {
    const place = cloned();
    const file = join(place.repository, name);
    writeFileSync(file, text(place.repository));
    expect(await used(place)).toBeNull();
    expect(existsSync(ran(place.repository))).toBe(false);
    await trust(file, place.home);
    expect(existsSync(ran(place.repository))).toBe(false);
    expect(await used(place)).toBe(file);
    writeFileSync(file, `${text(place.repository)}\n`);
    expect(await used(place)).toBeNull();
    await trust(file, place.home);
    expect(await used(place)).toBe(file);
    expect(await distrust(file, place.home)).toBe(true);
    expect(await used(place)).toBeNull();
  });
});

test('a configuration that the user names needs no trust', async () => {
  const { home, repository } = cloned({ 'keepalive.config.json': DATA });
  expect((await findConfig(home, join(repository, 'keepalive.config.json'))).file).toBe(
    join(repository, 'keepalive.config.json'),
  );
});

test('a package.json that is too large for a string is ignored', async () => {
  const place = cloned({ 'package.json': '' });
  truncateSync(join(place.repository, 'package.json'), 700_000_000);
  expect(await used(place)).toBeNull();
});

test('trust is stored 0600 in a 0700 folder of the home and covers one file', async () => {
  const place = cloned({ 'keepalive.config.json': DATA });
  await trust(join(place.repository, 'keepalive.config.json'), place.home);
  const [name = '', ...more] = readdirSync(place.home.trusted);
  expect(more).toEqual([]);
  expect([statSync(join(place.home.trusted, name)).mode & 0o777, statSync(place.home.trusted).mode & 0o777]).toEqual([
    0o600, 0o700,
  ]);
  const other = cloned({ 'keepalive.config.json': DATA });
  expect(await used({ ...place, repository: other.repository })).toBeNull();
});

const NOTIFIER = "export default () => ({ kind: 'notifier', id: 'mine', raise() {} });\n";

describe('the trust covers the code that it names', () => {
  test.each([
    ['a plugin beside it', { 'keepalive.config.json': '{"plugins":["./mine.mjs"]}', 'mine.mjs': NOTIFIER }, 'mine.mjs'],
    [
      'a plugin in YAML, without quotes',
      { '.keepaliverc': 'plugins: [[./mine.mjs, {region: eu}]]\n', 'mine.mjs': NOTIFIER },
      'mine.mjs',
    ],
    [
      'a plugin in a folder',
      { 'keepalive.config.json': '{"plugins":["./mine/index.mjs"]}', 'mine/index.mjs': NOTIFIER },
      'mine/index.mjs',
    ],
    [
      'a plugin named in code',
      { 'keepalive.config.ts': "export default { plugins: [['./mine.mjs', {}]] };", 'mine.mjs': NOTIFIER },
      'mine.mjs',
    ],
    [
      'a module that a plugin imports',
      {
        'keepalive.config.json': '{"plugins":["./mine.mjs"]}',
        'mine.mjs': `import './more.mjs';\n${NOTIFIER}`,
        'more.mjs': '',
      },
      'more.mjs',
    ],
    [
      'a module that the configuration imports',
      {
        'keepalive.config.ts': "import { plugins } from './lib/list.ts';\nexport default { plugins };",
        'lib/list.ts': 'export const plugins = [];',
      },
      'lib/list.ts',
    ],
    [
      'the same, without an extension',
      {
        'keepalive.config.ts': "import { plugins } from './list';\nexport default { plugins };",
        'list.ts': 'export const plugins = [];',
      },
      'list.ts',
    ],
    [
      'a package in the repository',
      {
        'keepalive.config.json': '{"plugins":["keepalive-plugin-acme"]}',
        'node_modules/keepalive-plugin-acme/package.json':
          '{"name":"keepalive-plugin-acme","exports":"./a.js","type":"module"}',
        'node_modules/keepalive-plugin-acme/a.js': NOTIFIER,
      },
      'node_modules/keepalive-plugin-acme/a.js',
    ],
    [
      'data that the configuration imports',
      {
        'keepalive.config.ts': "import plugins /* ( */ from './list.json';\nexport default { plugins };",
        'list.json': '[]',
      },
      'list.json',
    ],
    [
      'a required file of an unknown kind',
      {
        'keepalive.config.cjs': "module.exports = { plugins: require('./list.cts').plugins };",
        'list.cts': 'export const plugins = [];',
      },
      'list.cts',
    ],
    [
      'a file that package.json maps a name to',
      {
        'keepalive.config.ts': "import { plugins } from '#list';\nexport default { plugins };",
        'package.json': '{"imports":{"#list":"./list.mjs"}}',
        'list.mjs': 'export const plugins = [];',
      },
      'list.mjs',
    ],
    [
      'a package that a neighbouring module imports',
      {
        'keepalive.config.ts': "export { default } from './list.ts';",
        'list.ts': "import { plugins } from 'acme';\nexport default { plugins };",
        'node_modules/acme/package.json': '{"type":"module","exports":"./a.js"}',
        'node_modules/acme/a.js': 'export const plugins = [];',
      },
      'node_modules/acme/a.js',
    ],
    [
      'a script that a command runs',
      { 'keepalive.config.json': '{"plugins":[["command",{"id":"x","run":["./touch"]}]]}', touch: '#!/bin/sh\n' },
      'touch',
    ],
  ])('%s', async (_what, files, changed) => {
    const place = cloned(files);
    const file = join(place.repository, Object.keys(files)[0] ?? '');
    await trust(file, place.home);
    expect(await used(place)).toBe(file);
    writeFileSync(join(place.repository, changed), `${files[changed as keyof typeof files]}// changed\n`);
    expect(await used(place)).toBeNull();
    expect(await checkTrust(file, place.home)).toMatchObject({
      trusted: false,
      why: `${join(place.repository, changed)} has changed since it was trusted`,
    });
  });

  test.each([
    ['a script without a shebang', 'true\n'],
    ['a program', '\x7fELF'],
  ])('%s', async (_what, text) => {
    const place = cloned({
      'keepalive.config.json': '{"plugins":[["command",{"id":"x","run":["./touch"]}]]}',
      touch: text,
    });
    chmodSync(join(place.repository, 'touch'), 0o700);
    const file = join(place.repository, 'keepalive.config.json');
    await trust(file, place.home);
    expect(await used(place)).toBe(file);
    writeFileSync(join(place.repository, 'touch'), `${text} `);
    expect(await used(place)).toBeNull();
  });

  test('code that is too large to be hashed is not trusted', async () => {
    const place = cloned({
      'keepalive.config.ts': "import './large.js';\nexport default { plugins: [] };",
      'large.js': ' '.repeat(16 * 1024 * 1024 + 1),
    });
    await expect(trust(join(place.repository, 'keepalive.config.ts'), place.home)).rejects.toThrow(
      /large\.js is too large to be trusted/,
    );
  });

  test('a plugin is not run if one of its imports now resolves to other code', async () => {
    const { home, repository } = cloned({
      'keepalive.config.json': '{"plugins":["./mine.mjs"]}',
      'mine.mjs': `import './more';\n${NOTIFIER}`,
      'more.mjs': '',
    });
    const base = join(repository, 'keepalive.config.json');
    const { files } = await trust(base, home);
    const load = () =>
      makePlugin(
        { name: './mine.mjs', options: {} },
        { base, stateDir: home.stateDir, vetting: { by: 'trust', files } },
      );
    expect(await load()).toMatchObject({ plugin: { id: 'mine' } });
    writeFileSync(join(repository, 'more.js'), '');
    await expect(load()).rejects.toMatchObject({ code: 'KA_PLUGIN_UNTRUSTED' });
  });

  test('a credential that it names may change, for it is not code', async () => {
    const place = cloned({
      'keepalive.config.json': '{"plugins":[["command",{"id":"x","run":["true"],"store":"./token.json"}]]}',
      'token.json': '{}',
    });
    await trust(join(place.repository, 'keepalive.config.json'), place.home);
    writeFileSync(join(place.repository, 'token.json'), '{"a":1}');
    expect(await used(place)).not.toBeNull();
  });

  test('a plugin runs only if it was trusted and is unchanged, also when its process restarts', async () => {
    const { home, repository } = cloned({
      'mine.mjs': runs('', NOTIFIER).replace(/^.*\n.*\n/, ''),
      'keepalive.config.mjs': "export default { plugins: ['./' + 'mine.mjs'] };",
    });
    const base = join(repository, 'keepalive.config.mjs');
    const { files } = await trust(base, home);
    expect(files).toEqual({});
    const load = (trusted: Readonly<Record<string, string>>) =>
      makePlugin(
        { name: './mine.mjs', options: {} },
        { base, stateDir: home.stateDir, vetting: { by: 'trust', files: trusted } },
      );
    await expect(load(files)).rejects.toMatchObject({ code: 'KA_PLUGIN_UNTRUSTED' });
    writeFileSync(base, "export default { plugins: ['./mine.mjs'] };");
    const again = await trust(base, home);
    expect(await load(again.files)).toMatchObject({ plugin: { id: 'mine' } });
    writeFileSync(join(repository, 'mine.mjs'), `${NOTIFIER}// changed`);
    await expect(load(again.files)).rejects.toMatchObject({ code: 'KA_PLUGIN_UNTRUSTED' });
  });
});

test('a file that others can write is not trusted, and is not used once they can', async () => {
  const place = cloned({ 'keepalive.config.json': DATA });
  const file = join(place.repository, 'keepalive.config.json');
  await trust(file, place.home);
  chmodSync(place.repository, 0o777);
  expect(await used(place)).toBeNull();
  await expect(trust(file, place.home)).rejects.toThrow(/can be written by every user/);
});

test('trust that others could have written does not count', async () => {
  const place = cloned({ 'keepalive.config.json': DATA });
  await trust(join(place.repository, 'keepalive.config.json'), place.home);
  chmodSync(place.home.trusted, 0o777);
  expect(await used(place)).toBeNull();
});

describe.concurrent('the command line', () => {
  const cli = (place: Place, args: readonly string[]) =>
    run(KEEPALIVE, args, place.repository, { KEEPALIVE_HOME: place.home.stateDir, HOME: place.home.stateDir });
  const hostile = () => {
    const place = cloned();
    writeFileSync(join(place.repository, 'keepalive.config.mjs'), CODE(place.repository));
    return place;
  };

  test.each([
    ['check'],
    ['plan'],
    ['doctor'],
    ['plugin', 'list'],
    ['config', 'show'],
    ['config', 'path'],
    ['explain', 'practice'],
    ['history'],
  ])('%s %s reports it in one line and continues without it', async (...args) => {
    const place = hostile();
    const { stdout, stderr } = await cli(place, [...args, '--json']);
    expect(existsSync(ran(place.repository))).toBe(false);
    if (stdout !== '') JSON.parse(stdout);
    expect(stderr.split('\n').filter(line => line.includes(join(place.repository, 'keepalive.config.mjs')))).toEqual([
      expect.stringMatching(
        / was found but is not used: it is not trusted\. Review it, then run `keepalive config trust`, or name it with --config\.$/,
      ),
    ]);
  });

  test('trusts, uses, notices a change, trusts again and distrusts', async () => {
    const place = hostile();
    const file = join(place.repository, 'keepalive.config.mjs');
    const path = () => cli(place, ['config', 'path', '--json']);
    const inUse = async () => JSON.parse((await path()).stdout).file;
    const agreed = await cli(place, ['config', 'trust', '--json']);
    expect([agreed.code, agreed.stderr, JSON.parse(agreed.stdout)]).toEqual([
      0,
      '',
      expect.objectContaining({ file, files: {} }),
    ]);
    expect(existsSync(ran(place.repository))).toBe(false);
    expect(await inUse()).toBe(file);
    writeFileSync(file, `${CODE(place.repository)}// changed`);
    const changed = await path();
    expect(JSON.parse(changed.stdout).file).toBeNull();
    expect(changed.stderr).toContain('is not used: it has changed since it was trusted');
    await cli(place, ['config', 'trust', './keepalive.config.mjs']);
    expect(await inUse()).toBe(file);
    expect((await cli(place, ['config', 'distrust'])).stdout).toContain(file);
    expect(await inUse()).toBeNull();
    expect((await cli(place, ['config', 'distrust'])).stdout).toContain('It was not trusted before either.');
  });

  // In separate processes, for Node caches package.json.
  test.each([
    [
      'a file of that name with another extension',
      './list',
      { 'list.ts': 'export const plugins = [];' },
      { 'list.js': 'export const plugins = [];' },
    ],
    [
      'another main file of its folder',
      './lib',
      {
        'lib/package.json': '{"main":"a.js"}',
        'lib/a.js': 'exports.plugins = [];',
        'lib/b.js': 'exports.plugins = [];',
      },
      { 'lib/package.json': '{"main":"b.js"}' },
    ],
  ])('an import that now resolves to other code is noticed: %s', async (_what, name, files, changed) => {
    const place = cloned({
      'keepalive.config.ts': `import { plugins } from '${name}';\nexport default { plugins };`,
      ...files,
    });
    const path = () => cli(place, ['config', 'path', '--json']);
    await cli(place, ['config', 'trust']);
    expect(JSON.parse((await path()).stdout).file).toBe(join(place.repository, 'keepalive.config.ts'));
    for (const [file, text] of Object.entries(changed)) writeFileSync(join(place.repository, file), text);
    const { stdout, stderr } = await path();
    expect(JSON.parse(stdout).file).toBeNull();
    expect(stderr).toMatch(/(list|b)\.js is new since it was trusted/);
  });

  test('a file of another name, or a missing one, cannot be trusted', async () => {
    const place = cloned({ 'other.mjs': 'export default { plugins: [] };' });
    expect(await cli(place, ['config', 'trust'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('This folder has no configuration'),
    });
    expect(await cli(place, ['config', 'trust', 'other.mjs'])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('with --config'),
    });
  });

  test('start uses none from the working directory, trusted or not, and says so', async () => {
    const place = hostile();
    onTestFinished(async () => void (await cli(place, ['stop'])));
    await cli(place, ['config', 'trust']);
    const { code, stdout, stderr } = await cli(place, ['start', '--json']);
    expect([code, JSON.parse(stdout).configFile, existsSync(ran(place.repository))]).toEqual([0, null, false]);
    expect(stderr).toMatch(
      /^\S+keepalive\.config\.mjs was found but is not used: a daemon in the background uses it only with --config\.\n$/,
    );
    expect(JSON.parse((await cli(place, ['restart', '--json'])).stdout).configFile).toBeNull();
    expect(existsSync(ran(place.repository))).toBe(false);
    const named = await cli(place, ['restart', '--json', '--config', 'keepalive.config.mjs']);
    expect([JSON.parse(named.stdout).configFile, named.stderr]).toEqual([
      join(place.repository, 'keepalive.config.mjs'),
      '',
    ]);
  });

  test('a running daemon keeps the last trusted configuration, and restart uses no untrusted change', async () => {
    const place = cloned({ 'keepalive.config.json': DATA });
    const file = join(place.repository, 'keepalive.config.json');
    await cli(place, ['config', 'trust']);
    const { child, done } = begin(KEEPALIVE, ['run'], place.repository, {
      KEEPALIVE_HOME: place.home.stateDir,
      HOME: place.home.stateDir,
    });
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await done;
    });
    await new Promise<void>(resolve => {
      child.stdout?.on('data', (text: string) => {
        if (text.includes('Keepalive is running')) resolve();
      });
    });
    const client = await connect({ endpointFile: place.home.endpoint });
    onTestFinished(() => client.close());
    const ids = async () => (await client.request('session/list')).map(({ id }) => id);
    expect(await ids()).toEqual(['practice']);
    writeFileSync(file, '{"plugins":[]}');
    await expect(client.request('kernel/reload')).rejects.toMatchObject({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [{ message: expect.stringContaining('it has changed since it was trusted') }] },
    });
    expect(await ids()).toEqual(['practice']);
    expect(await cli(place, ['restart'])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('it has changed since it was trusted'),
    });
    const reloaded = new Promise(resolve => {
      client.on('config/didChange', resolve);
    });
    expect((await cli(place, ['config', 'trust'])).code).toBe(0);
    await reloaded;
    expect(await ids()).toEqual([]);
  });

  test('a folder with a line break in its name makes one line', async () => {
    const place = cloned();
    const folder = mkdtempSync(join(place.repository, 'a\nb\u2028c'));
    writeFileSync(join(folder, '.keepaliverc'), DATA);
    const { stderr } = await cli({ ...place, repository: folder }, ['plan']);
    expect(stderr).toMatch(/a\?b\?c\S+\.keepaliverc was found but is not used/);
  });
});
