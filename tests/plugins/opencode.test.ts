import { expect, test } from 'vitest';
import opencode, { type OpencodeOptions } from '../../plugins/opencode/index.ts';
import { fakeContext, testProvider, type FakeOverrides } from '../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const FILE = '~/.local/share/opencode/auth.json';
const OAUTH = { type: 'oauth', refresh: 'CANARY-refresh', access: 'CANARY-access', expires: NOW - 60_000 };
const COPILOT = { type: 'oauth', refresh: 'gho_CANARY', access: 'gho_CANARY', expires: 0 };
const KEY = { type: 'api', key: 'CANARY-key' };

const machine = (json: unknown, world: FakeOverrides = {}) =>
  fakeContext({ files: { [FILE]: JSON.stringify(json) }, programs: { opencode: '/bin/opencode' }, ...world });
const provider = (options: OpencodeOptions = {}) => opencode(options, async () => {});

test.each<[string, unknown, object]>([
  ['with an expired access token is fresh', { openai: OAUTH }, { status: 'fresh', method: 'observe' }],
  ['beside a key is fresh', { openai: OAUTH, anthropic: KEY }, { status: 'fresh', method: 'observe' }],
  [
    'without an end is not kept',
    { 'github-copilot': COPILOT },
    { status: 'unavailable', hint: expect.stringContaining('no session to keep alive') },
  ],
  ['by a key is not kept', { openai: KEY }, { status: 'unavailable', hint: expect.stringContaining('only keys') }],
  ['that is malformed is not kept', { openai: 'x', xai: { type: 'oauth' } }, { status: 'unavailable' }],
  ['that is missing is not kept', {}, { status: 'unavailable', hint: 'Run `opencode auth login`.' }],
])('a login %s', async (_name, json, expected) => {
  const context = machine(json);
  expect(await provider().refresh(context)).toMatchObject(expected);
  expect([context.calls.exec, context.calls.fetch]).toEqual([[], []]);
});

test('an inspection names the vendors, and conceals every secret', async () => {
  const context = machine({ openai: OAUTH, xai: OAUTH, 'a\nb': OAUTH, 'github-copilot': COPILOT, anthropic: KEY });
  const seen = await provider().inspect?.(context);
  expect(seen).toMatchObject({ present: true, method: 'observe', hint: expect.stringContaining('(openai, xai)') });
  expect(JSON.stringify(seen)).not.toMatch(/CANARY/);
  const secrets = ['CANARY-access', 'CANARY-key', 'CANARY-refresh', 'gho_CANARY'];
  expect([...new Set(context.calls.concealed)].toSorted()).toEqual(secrets);
});

test.each<[string, FakeOverrides, OpencodeOptions, string]>([
  ['XDG_DATA_HOME', { env: { XDG_DATA_HOME: '/data' } }, {}, '/data'],
  ['the option', { env: { XDG_DATA_HOME: '/data' } }, { home: '~/.work' }, '/home/you/.work'],
])('it looks in %s', async (_name, world, options, home) => {
  const store = `${home}/opencode/auth.json`;
  const context = fakeContext({ files: { [store]: JSON.stringify({ openai: OAUTH }) }, ...world });
  expect(await provider(options).inspect?.(context)).toMatchObject({ present: true, store });
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [{ name: 'a login', expect: 'fresh', context: world => machine({ openai: OAUTH }, world) }],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
