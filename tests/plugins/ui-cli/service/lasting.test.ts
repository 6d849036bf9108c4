import { describe, expect, test } from 'vitest';
import { lastingNode, lastingNotes, lastingPath, type Real } from '../../../../plugins/ui-cli/service/lasting.ts';

const FNM = '/home/me/.local/share/fnm/node-versions/v20.20.2/installation/bin';
const SHELL = '/run/user/1000/fnm_multishells/4242_1700000000000/bin';
const CELLAR = '/opt/homebrew/Cellar/node/22.3.0/bin';
const NVM = '/home/me/.nvm/versions/node/v20.20.2/bin';

/** A machine on which these paths are links, and no others. */
const machine =
  (links: Readonly<Record<string, string>>, missing: readonly string[] = []): Real =>
  path => {
    if (missing.includes(path)) return undefined;
    const [from] = Object.keys(links).filter(link => path === link || path.startsWith(`${link}/`));
    return from === undefined ? path : `${links[from]}${path.slice(from.length)}`;
  };

const fnm = machine({ [SHELL]: FNM });

describe('the program that runs the service', () => {
  test.each<[string, string, string, Real, string]>([
    ['of fnm, which has a folder per shell', `${SHELL}/node`, `${SHELL}:/usr/bin`, fnm, `${FNM}/node`],
    ['of nvm', `${NVM}/node`, `${NVM}:/usr/bin`, machine({}), `${NVM}/node`],
    [
      'of Homebrew, by the link that an upgrade updates',
      `${CELLAR}/node`,
      '/opt/homebrew/bin:/usr/bin',
      machine({ '/opt/homebrew/bin/node': `${CELLAR}/node` }),
      '/opt/homebrew/bin/node',
    ],
    [
      'of the system',
      '/usr/bin/node',
      '/usr/local/bin:/usr/bin',
      machine({}, ['/usr/local/bin/node']),
      '/usr/bin/node',
    ],
    [
      'not what a manager puts before it',
      `${NVM}/node`,
      '/home/me/.asdf/shims:/home/me/.volta/bin:/usr/bin',
      machine({}),
      `${NVM}/node`,
    ],
    [
      'not a link in a folder that ends with the shell',
      '/usr/bin/node',
      '/tmp/x/bin',
      machine({ '/tmp/x/bin': '/usr/bin' }),
      '/usr/bin/node',
    ],
    [
      'not a relative path',
      '/opt/node/bin/node',
      'bin:.:',
      machine({ 'bin/node': '/opt/node/bin/node' }),
      '/opt/node/bin/node',
    ],
  ])('is that %s', (...[, execPath, PATH, real, node]) => {
    expect(lastingNode(execPath, { PATH }, real)).toBe(node);
  });
});

describe('the PATH of the service', () => {
  test.each<[string, string, Real, string | undefined]>([
    ['has what the folder of a shell leads to', `${SHELL}:/usr/bin:/bin`, fnm, `${FNM}:/usr/bin:/bin`],
    ['has it once', `${SHELL}:${FNM}:/usr/bin`, fnm, `${FNM}:/usr/bin`],
    ['has no folder of a shell that is closed', `${SHELL}:/usr/bin`, machine({}, [SHELL]), '/usr/bin'],
    [
      'has none of npx, pnpm dlx and macOS',
      '/me/.npm/_npx/1a2b/node_modules/.bin:/me/.cache/pnpm/dlx/x/node_modules/.bin:/var/folders/x/T/y:/usr/bin',
      machine({}),
      '/usr/bin',
    ],
    ['has none for temporary files', '/tmp/tools:/my/tmp/tools:/usr/bin', machine({}), '/usr/bin'],
    ['has no empty and no relative folder', ':bin:.:/usr/bin:', machine({}), '/usr/bin'],
    [
      'keeps the folders of managers, and their order',
      `/home/me/.asdf/shims:${NVM}:/home/me/.volta/bin`,
      machine({}),
      `/home/me/.asdf/shims:${NVM}:/home/me/.volta/bin`,
    ],
    ['is omitted if no folder is permanent', '/tmp/tools', machine({}), undefined],
  ])('%s', (_name, PATH, real, expected) => {
    expect(lastingPath({ PATH, TMPDIR: '/my/tmp' }, real)).toBe(expected);
  });
});

describe('warnings about paths that may vanish', () => {
  const MAIN = '/usr/lib/node_modules/session-keepalive/dist/kernel/main.js';
  test.each<[string, string, string, RegExp[]]>([
    ['none, if all paths are permanent', '/usr/bin/node', MAIN, []],
    [
      'Node in a versioned folder',
      `${NVM}/node`,
      MAIN,
      [/^\/home\/me\/\.nvm\/.*After an upgrade.*`keepalive service install` again/],
    ],
    [
      'ours in a versioned folder',
      '/usr/bin/node',
      '/home/me/.pnpm/session-keepalive@0.1.0/dist/kernel/main.js',
      [/session-keepalive@0\.1\.0.*versioned folder/],
    ],
    [
      'ours of npx',
      '/usr/bin/node',
      '/home/me/.npm/_npx/1a2b/node_modules/session-keepalive/dist/kernel/main.js',
      [/is temporary.*npm install --global/],
    ],
    ['ours below a folder for temporary files', '/usr/bin/node', '/my/tmp/x/main.js', [/is temporary/]],
    ['both', `${SHELL}/node`, '/tmp/x/main.js', [/fnm_multishells.*is temporary/, /\/tmp\/x.*is temporary/]],
  ])('%s', (_name, node, main, expected) => {
    const notes = lastingNotes([node, main], { TMPDIR: '/my/tmp' });
    expect(notes).toEqual(expected.map(pattern => expect.stringMatching(pattern)));
  });
});
