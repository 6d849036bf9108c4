import { describe, expect, test } from 'vitest';
import { defineProvider, type ProviderContext, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { converse, fakeContext, testProvider, type FakeOverrides, type TestScenario } from '../../sdk/testing/index.ts';

const FILE = '~/.acme/token.json';
const TOKEN = 'CANARY-acme-token';

/** A correct provider with one file and one program. */
const acme = (changes: Partial<ProviderPlugin> = {}): ProviderPlugin =>
  defineProvider({
    id: 'acme',
    displayName: 'Acme',
    async refresh(context) {
      const token = await context.files.read(FILE);
      if (token === undefined) return { status: 'unavailable', hint: 'Run `acme login`.' };
      context.conceal(token);
      context.signal.throwIfAborted();
      await context.exec('acme', ['touch']);
      return { status: 'refreshed', expiresAt: new Date(context.now() + 3_600_000) };
    },
    inspect: async ({ files }) => ({ present: (await files.read(FILE)) !== undefined, store: files.resolve(FILE) }),
    watch: ({ files }, changed) => files.watch(FILE, changed),
    ...changes,
  });

const signedIn: TestScenario = {
  name: 'signed in',
  context: (overrides: FakeOverrides) => fakeContext({ files: { [FILE]: TOKEN }, exec: () => ({}), ...overrides }),
  expect: 'refreshed',
};

const check = async (provider: ProviderPlugin) =>
  (await testProvider(provider, { scenarios: [signedIn], limitMs: 500 })).checks
    .filter(({ problem }) => problem)
    .map(({ name, problem }) => `${name}: ${problem}`);

test('a correct provider passes every check in every scenario', async () => {
  const report = await testProvider(acme(), { scenarios: [signedIn] });
  expect(report).toMatchObject({ provider: 'acme', passed: true });
  expect(report.checks).toHaveLength(11);
});

test('a factory is called without options, and an error of it is a problem', async () => {
  expect(await testProvider(() => acme())).toMatchObject({ provider: 'acme', passed: true });
  const refused = await testProvider(() => {
    throw new Error('where is the url?');
  });
  expect(refused.passed).toBe(false);
  expect(refused.checks[0]?.problem).toContain('where is the url?');
});

const returning = (outcome: unknown) => ({ refresh: async () => outcome }) as unknown as Partial<ProviderPlugin>;
const refreshing = (refresh: (context: ProviderContext) => Promise<unknown>) =>
  ({ refresh }) as Partial<ProviderPlugin>;

describe.each<[string, Partial<ProviderPlugin>, string]>([
  ['an id with capitals', { id: 'Acme' }, 'The id is not made of lower-case letters, digits and dashes.'],
  ['no name', { displayName: '' }, 'displayName: expected a text that is not empty, found an empty text'],
  ['a watch that is no function', { watch: 'file' as never }, 'watch: expected a function, found "file"'],
  ['an unknown status', returning({ status: 'ok' }), 'The status is not one of'],
  ['no outcome at all', returning(undefined), 'The outcome is not an object.'],
  ['a login without proof', returning({ status: 'login-required', hint: 'x' }), 'needs a text "proof"'],
  [
    'an invalid date',
    returning({ status: 'fresh', expiresAt: new Date(Number.NaN) }),
    '"expiresAt" of the outcome "fresh" is not a valid Date.',
  ],
  [
    'seconds taken for milliseconds',
    returning({ status: 'fresh', expiresAt: new Date(1_800_000_000) }),
    'in the last century',
  ],
  [
    'a renewal that has already expired',
    returning({ status: 'refreshed', expiresAt: new Date(Date.UTC(2025, 1)) }),
    'the credential has expired',
  ],
  ['the wrong status', returning({ status: 'fresh' }), 'The status is "fresh", not "refreshed".'],
  [
    'an error if nothing is installed',
    refreshing(async ({ exec }) => exec('acme', [])),
    'returns an outcome even if nothing is installed: It threw',
  ],
  ['a refresh that never settles', refreshing(() => new Promise(() => {})), 'It did not settle within 500 ms.'],
  [
    'a refresh that ignores an abort',
    refreshing(async ({ fetch }) => {
      await fetch('http://acme.test');
      return { status: 'fresh' };
    }),
    'starts nothing after an abort',
  ],
  [
    'a token in the hint',
    refreshing(async ({ files }) => ({ status: 'unavailable', hint: `odd: ${await files.read(FILE)}` })),
    'A secret is in: outcome.',
  ],
  [
    'a token in the log',
    refreshing(async ({ files, log }) => {
      log.info({ token: await files.read(FILE) }, 'read');
      return { status: 'refreshed' };
    }),
    'A secret is in: log.',
  ],
  [
    'a token in the cause of an error',
    refreshing(async ({ files }) => {
      throw new Error('odd', { cause: await files.read(FILE) });
    }),
    'A secret is in: error.',
  ],
  [
    'a token in the arguments of a program',
    refreshing(async ({ files, exec }) => {
      await exec('acme', [String(await files.read(FILE))]).catch(() => {});
      return { status: 'refreshed' };
    }),
    'A secret is in: argv.',
  ],
  [
    'a leaked concealed value',
    refreshing(async ({ conceal }) => {
      conceal('hush-hush');
      return { status: 'unavailable', hint: 'hush-hush' };
    }),
    'A secret is in: outcome.',
  ],
  [
    'an inspection that changes something',
    { inspect: async ({ files }) => ({ present: Boolean(await files.lock('~/x')) }) },
    'changed a file',
  ],
  ['an invalid inspection', { inspect: async () => ({}) as never }, 'The inspection needs a boolean "present".'],
  [
    'an inspection that throws',
    {
      inspect: async () => {
        throw new Error('no');
      },
    },
    'inspects without network, programs or changes: It threw: no',
  ],
  [
    'a watch that throws',
    {
      watch: () => {
        throw new Error('no');
      },
    },
    'watches, and can be stopped twice: It threw: no',
  ],
])('%s', (_name, changes, problem) => {
  test('is found', async () => {
    expect((await check(acme(changes))).join('\n')).toContain(problem);
  });
});

test('a provider that only needs the network may report that there is none', async () => {
  const ping = acme({
    refresh: async ({ fetch, signal }) => {
      await fetch('http://acme.test', { signal });
      return { status: 'fresh' };
    },
    inspect: async () => ({ present: true }),
  });
  expect(await testProvider(ping)).toMatchObject({ passed: true });
});

test('the fake network records requests', async () => {
  const context = fakeContext({ fetch: async request => Response.json({ heard: await request.text() }) });
  const response = await context.fetch('http://acme.test/x', { method: 'POST', body: new URLSearchParams({ a: '1' }) });
  expect(await response.json()).toEqual({ heard: 'a=1' });
  expect(context.calls.fetch).toMatchObject([{ method: 'POST', url: 'http://acme.test/x', body: 'a=1' }]);
});

test('the fake files keep locks, notify watchers, and record changes made through the context', async () => {
  const { files } = fakeContext({ files: { [FILE]: 'one' } });
  let calls = 0;
  const stop = files.watch(FILE, () => calls++);
  files.write(FILE, 'two');
  await (await files.prepare(FILE)).commit('three');
  void stop();
  files.remove(FILE);
  const release = await files.lock('~/l');
  expect(await files.lock('~/l')).toBeUndefined();
  void release?.();
  await files.journal.write('k', 'v');
  expect({ calls, changes: files.changes, note: await files.journal.read('k'), gone: await files.stat(FILE) }).toEqual({
    calls: 2,
    changes: [`replace ${files.resolve(FILE)}`, `lock ${files.resolve('~/l')}`, 'journal k'],
    note: 'v',
    gone: undefined,
  });
  await expect(files.prepare(FILE)).rejects.toMatchObject({ code: 'KA_STORE_UNWRITABLE' });
});

test('a fake program can hold a conversation', async () => {
  const heard: string[] = [];
  const context = fakeContext({
    exec: async call => {
      await converse(call, line => (line === 'bye' ? undefined : [`${line}!`]));
      return { exitCode: 0 };
    },
  });
  await context.exec('acme', [], {
    async talk({ lines, send }) {
      for (const word of ['hi', 'ho', 'bye', 'late']) send(word);
      for await (const line of lines) heard.push(line);
    },
  });
  expect(heard).toEqual(['hi!', 'ho!']);
});
