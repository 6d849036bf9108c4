import { expect, test } from 'vitest';
import copilot, { type CopilotOptions } from '../../plugins/copilot/index.ts';
import { fakeContext, testProvider, type FakeOverrides } from '../../sdk/testing/index.ts';

const CONFIG = '~/.copilot/config.json';
const TOKEN = 'gho_CANARY0123456789';
const installed: FakeOverrides = { programs: { copilot: '/bin/copilot' } };
const config = (text: object, path = CONFIG) => ({
  files: { [path]: `// Managed by Copilot\n${JSON.stringify(text)}` },
});
const users = { logged_in_users: [{ host: 'https://github.com', login: 'you' }] };
const provider = (options: CopilotOptions = {}) => copilot(options);

test.each<[string, FakeOverrides, CopilotOptions, string]>([
  [
    'its own file',
    config({ ...users, copilot_tokens: { 'https://github.com:you': TOKEN } }),
    {},
    '/home/you/.copilot/config.json',
  ],
  [
    'the file of COPILOT_HOME',
    { ...config({ token: TOKEN }, '/c/config.json'), env: { COPILOT_HOME: '/c' } },
    {},
    '/c/config.json',
  ],
  [
    'the file of the option',
    { ...config({ token: TOKEN }, '/mine/config.json'), env: { COPILOT_HOME: '/c' } },
    { home: '/mine' },
    '/mine/config.json',
  ],
  ['the keychain', config(users), {}, 'the keychain of the system (copilot-cli)'],
  [
    'the environment',
    { ...installed, env: { GH_TOKEN: TOKEN, GITHUB_TOKEN: 'CANARY-2' } },
    {},
    'the variable GH_TOKEN',
  ],
  [
    'the environment, before its file',
    { ...config({ token: 'gho_CANARY' }), env: { COPILOT_GITHUB_TOKEN: TOKEN } },
    {},
    'the variable COPILOT_GITHUB_TOKEN',
  ],
  [
    'gh',
    { ...installed, files: { '~/.config/gh/hosts.yml': `github.com:\n  oauth_token: ${TOKEN}\n` } },
    {},
    'the login of gh (/home/you/.config/gh/hosts.yml)',
  ],
  [
    'gh, elsewhere',
    { ...installed, files: { '/gh/hosts.yml': 'github.com:\n  user: you\n' }, env: { GH_CONFIG_DIR: '/gh' } },
    {},
    'the login of gh (/gh/hosts.yml)',
  ],
])('the token is found in %s', async (_name, world, options, store) => {
  const context = fakeContext(world);
  expect(await provider(options).inspect?.(context)).toMatchObject({
    present: true,
    store,
    method: 'observe',
    owner: 'copilot',
  });
  expect(await provider(options).refresh(context)).toEqual({
    status: 'fresh',
    expiresAt: undefined,
    method: 'observe',
  });
});

test.each<[string, FakeOverrides]>([
  ['nothing', {}],
  ['only the program', installed],
  ['a file without a login', config({ logged_in_users: [], theme: 'dark' })],
  ['a token in the environment, without Copilot', { env: { GITHUB_TOKEN: TOKEN } }],
  ['a login of gh, without Copilot', { files: { '~/.config/gh/hosts.yml': 'github.com:\n' } }],
  ['an empty login of gh', { ...installed, files: { '~/.config/gh/hosts.yml': '\n' } }],
])('%s is no login', async (_name, world) => {
  const context = fakeContext(world);
  const install = (await context.which('copilot')) === undefined ? 'Install copilot. ' : '';
  expect(await provider().refresh(context)).toEqual({
    status: 'unavailable',
    hint: `${install}Run \`copilot login --device-code\`.`,
  });
  expect(await provider().inspect?.(context)).toMatchObject({ present: false });
});

test('it shows when the file was last changed, and why that matters', async () => {
  expect(await provider().inspect?.(fakeContext(config(users)))).toMatchObject({
    hint: expect.stringMatching(/last changed on 1970-01-01; a token that is not used for a year ends/),
  });
});

test('a new login is a change, and has another fingerprint', async () => {
  const context = fakeContext(config({ ...users, token: TOKEN }));
  const before = await provider().inspect?.(context);
  let calls = 0;
  void provider().watch?.(context, () => calls++);
  context.files.write(CONFIG, JSON.stringify({ ...users, token: 'gho_CANARY9876543210' }));
  expect(calls).toBe(1);
  expect((await provider().inspect?.(context))?.fingerprint).not.toBe(before?.fingerprint);
});

test('nothing can be touched or spent', () => {
  expect(() => copilot({ method: 'touch' } as object)).toThrow(expect.objectContaining({ code: 'KA_CONFIG_INVALID' }));
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a file', expect: 'fresh', context: world => fakeContext({ ...config({ token: TOKEN }), ...world }) },
      {
        name: 'the environment',
        expect: 'fresh',
        context: world => fakeContext({ ...installed, env: { GH_TOKEN: TOKEN }, ...world }),
      },
      {
        name: 'gh',
        expect: 'fresh',
        context: world =>
          fakeContext({ ...installed, files: { '~/.config/gh/hosts.yml': `oauth_token: ${TOKEN}` }, ...world }),
      },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
