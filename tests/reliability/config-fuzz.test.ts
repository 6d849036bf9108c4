import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkConfig, type ResolvedConfig } from '../../config/resolve.ts';
import { findConfig, LOAD_LIMIT_MS } from '../../config/find.ts';
import { effectivePolicy } from '../../lifecycle/policy-layers.ts';
import { keyOf } from '../../kernel/plugins/loader.ts';
import { policySchema } from '../../sdk/contract/policy-schema.ts';
import { describeError } from '../../sdk/plugin/describe.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { locateHome } from '../../sdk/system/home.ts';
import type { Problem } from '../../sdk/plugin/options.ts';
import { KEEPALIVE, KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { bytesOf, damaged } from '../support/io/mutations.ts';
import { asAnyUser, OBSTACLES } from '../support/io/obstacles.ts';
import { runs, times } from '../support/runs.ts';
import { TEMPORARY } from '../support/io/temporary.ts';

const CONFIG = {
  plugins: [
    'codex',
    ['claude', { id: 'claude-work', home: '~/.claude-work' }],
    ['./mine.ts', { region: 'eu', list: [1, null, true] }],
  ],
  policy: {
    enabled: true,
    schedule: { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'fri'] },
    refreshBefore: '5m',
    minInterval: '2m',
    retries: 3,
    backoff: { initial: '2m', factor: 2, max: '30m' },
    maxFailures: 5,
    timeout: '60s',
    jitter: 0.1,
  },
  sessions: {
    codex: { schedule: { mode: 'cron', pattern: '*/10 * * * *' } },
    'claude-work': { schedule: { mode: 'interval', every: '30m' }, enabled: false },
  },
  rpc: { port: 0 },
  concurrency: 3,
  logLevel: 'info',
};
const JSON_TEXT = JSON.stringify(CONFIG, null, 2);
const YAML_TEXT = `
plugins: [codex, [claude, {id: claude-work, home: ~/.claude-work}], [./mine.ts, {region: eu, list: [1, null, true]}]]
policy:
  schedule: {mode: daily, at: "09:00", timezone: Europe/Berlin, days: [mon, fri]}
  minInterval: 2m
  backoff: &backoff {initial: 2m, factor: 2, max: 30m}
sessions:
  codex:
    backoff: *backoff
    retries: 3
rpc: {port: 0}
concurrency: 3
logLevel: info
`;
const CODE = `export default ${JSON_TEXT};\n`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : TEMPORARY, 'keepalive-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const homeIn = (place: string) => locateHome({ KEEPALIVE_HOME: place });

/** Reads the configuration of the folder: accepted, or refused with a place and a reason. Throws otherwise. */
async function outcomeOf(place: string, path: string): Promise<'accepted' | 'refused'> {
  try {
    expectSensible(await findConfig(homeIn(place), undefined, place), path);
    return 'accepted';
  } catch (error) {
    expectRefusal(error, path);
    return 'refused';
  }
}

function expectRefusal(error: unknown, path: string): void {
  if (!isKeepaliveError(error)) throw error;
  const { file, problems } = error.details;
  expect([error.code, file]).toEqual(['KA_CONFIG_INVALID', path]);
  expect(problems).not.toEqual([]);
  for (const { path: at, message } of problems as readonly Problem[])
    expect([typeof at, message]).toEqual(['string', expect.stringMatching(/\S/)]);
  expect(describeError(error)).toContain(path);
}

/** No number out of range, no invalid duration, nothing inherited. */
function expectSensible({ file, plugins, policy, sessions, port, concurrency }: ResolvedConfig, path: string): void {
  expect(file).toBe(path);
  for (const id of ['codex', '__proto__', 'constructor', ...Object.keys(sessions)]) {
    const { policy: effective } = effectivePolicy({}, { policy, sessions }, id, {});
    expect(policySchema.parse(effective)).toEqual(effective);
    for (const duration of [
      effective.minInterval,
      effective.refreshBefore,
      effective.timeout,
      effective.backoff.initial,
      effective.backoff.max,
    ]) {
      expect(toMs(duration)).toBeGreaterThanOrEqual(0);
      expect(toMs(duration)).toBeLessThanOrEqual(360 * 86_400_000);
    }
  }
  expect([Number.isInteger(port), Number.isInteger(concurrency), port >= 0 && port < 65_536, concurrency > 0]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  plugins.forEach(keyOf);
}

describe('a randomly changed configuration is accepted or refused, without a crash', () => {
  test.for([
    ['keepalive.config.json', JSON_TEXT, 120, 5_000],
    ['keepalive.config.yaml', YAML_TEXT, 80, 5_000],
    ['.keepaliverc', YAML_TEXT, 10, 500],
    ['package.json', JSON.stringify({ name: 'x', keepalive: CONFIG }), 20, 1_000],
    [
      'keepalive.config.ts',
      `import { defineConfig } from 'session-keepalive/sdk';\nexport default defineConfig(${JSON_TEXT} as never);\n`,
      4,
      1_000,
    ],
    ['keepalive.config.mjs', CODE, 4, 1_000],
    ['keepalive.config.js', CODE, 4, 500],
    ['keepalive.config.cjs', `module.exports = ${JSON_TEXT};\n`, 4, 500],
  ] as const)('%s', async ([name, text, few, all], { annotate }) => {
    const place = mkdtempSync(join(folder, 'home-'));
    const path = join(place, name);
    writeFileSync(path, text);
    expect(await outcomeOf(place, path)).toBe('accepted');
    const count = { accepted: 0, refused: 0 };
    const asked = runs(few, all);
    await fc.assert(
      fc.asyncProperty(damaged(text), async letters => {
        writeFileSync(path, bytesOf(letters));
        // A package.json without our key is not a configuration.
        if (name === 'package.json' && !letters.includes('"keepalive"')) return;
        const isNone =
          name === 'package.json' &&
          (await findConfig(homeIn(place), undefined, place).then(
            ({ file }) => file === null,
            () => false,
          ));
        if (!isNone) count[await outcomeOf(place, path)] += 1;
      }),
      asked,
    );
    await annotate(
      `${asked.numRuns} times ${name}, changed: ${count.accepted} accepted, ${count.refused} refused, 0 crashes`,
    );
  });
});

test('control: a loader that accepts anything readable accepts nonsense', async ({ annotate }) => {
  const read = fc.sample(damaged(JSON_TEXT), 300).flatMap(letters => {
    try {
      return [JSON.parse(bytesOf(letters).toString('utf8'))];
    } catch {
      return [];
    }
  });
  const nonsense = read.filter(value => {
    try {
      return !checkConfig('/x.json', value);
    } catch {
      return true;
    }
  });
  expect(nonsense.length).toBeGreaterThan(20);
  await annotate(`of 300 changed files ${read.length} can be read, and ${nonsense.length} of those are nonsense`);
});

const strangeValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withBoxedValues: true,
  withNullPrototype: true,
  withObjectString: true,
  key: fc.oneof(
    fc.string(),
    fc.constantFrom(
      'plugins',
      'policy',
      'sessions',
      'schedule',
      'mode',
      'retries',
      '__proto__',
      'constructor',
      'kind',
      'id',
    ),
  ),
});

test('any value that a configuration in code exports is accepted or refused', async ({ annotate }) => {
  const asked = runs(100, 20_000);
  const member = <T>(usual: T) => fc.oneof({ weight: 6, arbitrary: fc.constant<unknown>(usual) }, strangeValue);
  const shaped = fc.record(
    {
      plugins: fc.oneof({ weight: 3, arbitrary: fc.array(member('codex'), { maxLength: 3 }) }, strangeValue),
      policy: member(CONFIG.policy),
      sessions: fc.oneof(fc.dictionary(fc.string(), member(CONFIG.policy)), strangeValue),
      rpc: member({ port: 1 }),
      concurrency: member(1),
      logLevel: member('info'),
    },
    { requiredKeys: ['plugins'] },
  );
  const count = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: shaped }, strangeValue), value => {
      try {
        expectSensible(checkConfig('/x.ts', value), '/x.ts');
        count.accepted += 1;
      } catch (error) {
        expectRefusal(error, '/x.ts');
        count.refused += 1;
      }
    }),
    asked,
  );
  expect(count.accepted).toBeGreaterThan(0);
  await annotate(`${asked.numRuns} values: ${count.accepted} accepted, ${count.refused} refused, 0 crashes`);
});

const json = (more: object) => JSON.stringify({ plugins: [], ...more });
const thrown = (what: string) => ({ 'keepalive.config.mjs': `throw ${what};` });
const exported = (what: string) => ({ 'keepalive.config.mjs': `export default ${what};` });
const bomb = Array.from(
  { length: 12 },
  (_, level) =>
    `l${level}: &l${level} ${
      level
        ? `[${Array(9)
            .fill(`*l${level - 1}`)
            .join(', ')}]`
        : 'x'
    }`,
).join('\n');

/** Cases found by hand or by the random tests. */
describe('refused, with the place and the reason', () => {
  test.each<[string, Readonly<Record<string, string>>, string, RegExp]>([
    ['an empty file, as after a full disk', { 'keepalive.config.json': '' }, '', /JSON/],
    ['only a comment in YAML', { 'keepalive.config.yaml': '# plugins: [codex]\n' }, '', /found null/],
    ['null', { 'keepalive.config.json': 'null' }, '', /found null/],
    ['null in YAML', { 'keepalive.config.yaml': '~' }, '', /found null/],
    [
      'a package.json that ends in the middle of our key',
      { 'package.json': '{"name":"x","keepalive":{"plug' },
      '',
      /line 1/,
    ],
    ['a large integer', exported('{ plugins: [], concurrency: 10n }'), 'concurrency', /found 10/],
    ['NaN', exported('{ plugins: [], policy: { jitter: NaN } }'), 'policy.jitter', /found NaN/],
    ['a symbol', exported('{ plugins: [], logLevel: Symbol("info") }'), 'logLevel', /found Symbol\(info\)/],
    ['a function', exported('() => ({ plugins: [] })'), '', /found a function/],
    ['inherited members', exported('Object.create({ plugins: [], concurrency: 5 })'), '', /its own prototype/],
    [
      'an inherited policy',
      exported('{ plugins: [], policy: { __proto__: { retries: 7 } } }'),
      'policy',
      /its own prototype/,
    ],
    [
      'a session with an invalid name',
      { 'keepalive.config.json': '{"plugins":[],"sessions":{"__proto__":{"retries":-1}}}' },
      'sessions',
      /__proto__/,
    ],
    ['a member that throws', exported('{ get plugins() { throw new Error("not today"); } }'), '', /not today/],
    [
      'a revoked proxy',
      exported('(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()'),
      '',
      /revoked/,
    ],
    [
      'options that refer to themselves',
      exported(
        '(() => { const options = {}; options.again = options; return { plugins: [["practice", options]] }; })()',
      ),
      'plugins[0]',
      /found a list/,
    ],
    ['null thrown', thrown('null'), '', /it threw null/],
    ['nothing thrown', thrown('undefined'), '', /it threw nothing/],
    ['a text thrown', thrown('"no such secret store"'), '', /no such secret store/],
    ['an object thrown', thrown('{ code: 7 }'), '', /it threw an object/],
    [
      'YAML that expands to more than fits into memory',
      { 'keepalive.config.yaml': `${bomb}\nplugins: [[x, {a: *l11}]]\n` },
      '',
      /too large/,
    ],
    [
      'lists 100,000 deep',
      { 'keepalive.config.json': `{"plugins":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
      '',
      /too deep/,
    ],
    ['YAML 10,000 deep', { 'keepalive.config.yaml': `plugins: ${'['.repeat(10_000)}` }, '', /\S/],
    [
      'a negative duration',
      { 'keepalive.config.json': json({ policy: { refreshBefore: '-5m' } }) },
      'policy.refreshBefore',
      /found "-5m"/,
    ],
    [
      'a duration that is too long',
      { 'keepalive.config.json': json({ policy: { minInterval: `${'9'.repeat(400)}d` } }) },
      'policy.minInterval',
      /at most 360d/,
    ],
    [
      'a timeout beyond the limit of timers, which would fire at once',
      { 'keepalive.config.json': json({ policy: { timeout: '25d' } }) },
      'policy.timeout',
      /at most 24d/,
    ],
    [
      'a cron pattern with an invalid month',
      { 'keepalive.config.json': json({ policy: { schedule: { mode: 'cron', pattern: '0 0 1 13 *' } } }) },
      'policy.schedule.pattern',
      /cron/,
    ],
  ])('%s', async (_what, files, at, message) => {
    const home = temporaryHome(files);
    const [name = ''] = Object.keys(files);
    const error: unknown = await findConfig(homeIn(home), undefined, home).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    expectRefusal(error, join(home, name));
    const problems = isKeepaliveError(error) ? error.details['problems'] : [];
    expect(problems).toContainEqual({ path: at, message: expect.stringMatching(message) });
  });

  test.each(OBSTACLES.filter(({ harmless }) => harmless !== 'as a log'))(
    '$what in its place',
    async ({ put, missing }) => {
      if (missing) return;
      const home = temporaryHome();
      const file = join(home, 'keepalive.config.json');
      put(file);
      await asAnyUser(home, async () => {
        const error: unknown = await findConfig(homeIn(home), undefined, home).then(
          () => undefined,
          (refusal: unknown) => refusal,
        );
        expect(error).toMatchObject({
          code: expect.stringMatching(/^KA_CONFIG_(INVALID|NOT_FOUND)$/),
          details: { file },
        });
      });
    },
  );

  test('a module that never finishes loading', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const home = temporaryHome({
      'keepalive.config.mjs': 'await new Promise(() => {});\nexport default { plugins: [] };',
    });
    const refusal = findConfig(homeIn(home), undefined, home).catch((error: unknown) => error);
    while (vi.getTimerCount() === 0)
      await new Promise(resolve => {
        setImmediate(resolve);
      });
    await vi.advanceTimersByTimeAsync(LOAD_LIMIT_MS);
    expect(await refusal).toMatchObject({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [{ path: '', message: expect.stringContaining('20 s') }] },
    });
  });
});

test('a reload is not refused for options that cannot be compared or serialized', () => {
  const around: unknown[] = [];
  around.push(around);
  const options = [{ many: 10n }, { call: () => 1 }, { sign: Symbol('x') }, { around }];
  expect(options.map(given => keyOf(['./mine.ts', given]))).toEqual([undefined, undefined, undefined, undefined]);
  expect(keyOf(['./mine.ts', { a: 1, b: undefined }])).toBe('["./mine.ts",{"a":1}]');
});

describe('in the daemon', () => {
  test('a broken configuration in the working directory does not affect the daemon', async () => {
    const elsewhere = JSON.stringify({
      name: 'x',
      cosmiconfig: { searchPlaces: ['stranger.json'], mergeSearchPlaces: false },
    });
    const cwd = temporaryHome({ 'package.json': elsewhere, 'stranger.json': json({ logLevel: 'trace' }) });
    const own = temporaryHome({ 'home/keepalive.config.json': json({ logLevel: 'warn' }) });
    const { stdout } = await run(KEEPALIVE, ['config', 'path'], cwd, { KEEPALIVE_HOME: join(own, 'home') });
    expect(stdout).toContain(join(own, 'home', 'keepalive.config.json'));
  });

  test('a configuration that throws null is refused with exit code 7, and named', async () => {
    const home = temporaryHome(thrown('null'));
    const { code, stderr } = await run(KEEPALIVED, [], home);
    expect([code, stderr]).toEqual([7, expect.stringContaining(join(home, 'keepalive.config.mjs'))]);
  });

  test('options that cannot be serialized affect only their plugin, and the support bundle works', async () => {
    const mine = `export default () => ({ kind: 'notifier', id: 'mine', raise() {} });`;
    const config = `export default { plugins: [
      ['./mine.mjs', { many: 10n, call() {}, [Symbol('x')]: Symbol('y') }],
      ['practice', { dir: 'practice' }],
    ] };`;
    const { client } = await startDaemon(temporaryHome({ 'keepalive.config.mjs': config, 'mine.mjs': mine }));
    expect((await client.request('session/list')).map(({ id }) => id)).toEqual(['practice']);
    expect(await client.request('doctor/bundle')).toMatchObject({
      plugins: expect.arrayContaining([
        expect.objectContaining({ module: './mine.mjs' }),
        expect.objectContaining({ module: 'practice', status: 'loaded' }),
      ]),
    });
    expect(await client.request('kernel/reload')).toBeNull();
  });

  test('a running daemon keeps its last good configuration', async ({ annotate }) => {
    const good = JSON.stringify({
      plugins: [['practice', { dir: 'practice' }]],
      sessions: { practice: { retries: 2 } },
      concurrency: 2,
    });
    const home = temporaryHome({ 'keepalive.config.json': good });
    const file = join(home, 'keepalive.config.json');
    const { client, child } = await startDaemon(home);
    const shown = await client.request('config/show');
    const rounds = times(5, 300);
    let refused = 0;
    for (const letters of fc.sample(damaged(good), rounds)) {
      writeFileSync(file, bytesOf(letters));
      const error: unknown = await client.request('kernel/reload').catch((refusal: unknown) => refusal);
      if (error !== null) {
        expectRefusal(error, file);
        refused += 1;
        expect(await client.request('config/show')).toEqual(shown);
      }
      writeFileSync(file, good);
      await client.request('kernel/reload');
      expect(await client.request('config/show')).toEqual(shown);
    }
    expect((await client.request('kernel/info')).pid).toBe(child.pid);
    await annotate(
      `${rounds} reloads of a changed configuration: ${refused} refused, the last good one stayed in force`,
    );
  });
});
