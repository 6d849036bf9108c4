import { expect, test } from 'vitest';
import antigravity, { type AntigravityOptions } from '../../plugins/antigravity/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const FILE = '~/.gemini/antigravity-cli/antigravity-oauth-token';

const token = (hours: number, mark = '1') => ({
  access_token: `CANARY-access-${mark}`,
  refresh_token: 'CANARY-refresh',
  expiry: new Date(NOW + hours * HOUR).toISOString(),
});
const plain = (hours: number, mark?: string) => JSON.stringify(token(hours, mark));
const nested = (hours: number) => JSON.stringify({ token: token(hours) });
const encoded = (hours: number) => `go-keyring-base64:${Buffer.from(plain(hours)).toString('base64')}\n`;
const provider = (options: AntigravityOptions = {}) => antigravity(options, async () => {});

function machine(
  text: string | undefined,
  act: (context: FakeContext) => object = () => ({}),
  world: FakeOverrides = {},
): FakeContext {
  const files = text === undefined ? {} : { [FILE]: text };
  const context: FakeContext = fakeContext({
    files,
    programs: { agy: '/bin/agy' },
    exec: () => act(context),
    ...world,
  });
  return context;
}

const renewing = ({ files }: FakeContext) => {
  files.write(FILE, plain(1, '2'));
  return {};
};
const online: FakeOverrides = { fetch: () => new Response(null, { status: 404 }) };

test.each<[string, string | undefined, (context: FakeContext) => object, FakeOverrides, object, number]>([
  ['expired, and the program renews it', plain(-1), renewing, {}, { status: 'refreshed', method: 'touch' }, 1],
  ['expired, in another form', nested(-1), renewing, {}, { status: 'refreshed' }, 1],
  ['expired, as a keyring writes it', encoded(-1), renewing, {}, { status: 'refreshed' }, 1],
  ['in an unknown form', 'CANARY-opaque', renewing, {}, { status: 'refreshed' }, 1],
  ['still good', plain(0.5), renewing, {}, { status: 'fresh', method: 'touch' }, 0],
  ['still good, as a keyring writes it', encoded(0.5), renewing, {}, { status: 'fresh' }, 0],
  ['still good, but forced', plain(0.5), renewing, { force: true }, { status: 'refreshed' }, 1],
  ['expired, and it does nothing', plain(-1), () => ({}), online, { status: 'fresh', method: 'observe' }, 1],
  ['expired, without a network', plain(-1), () => ({}), {}, { code: 'KA_OFFLINE' }, 1],
  [
    'expired, and Google has an outage',
    plain(-1),
    () => ({}),
    { fetch: () => new Response(null, { status: 500 }) },
    { code: 'KA_OFFLINE' },
    1,
  ],
  [
    'removed by the program',
    plain(-1),
    ({ files }) => {
      files.remove(FILE);
      return {};
    },
    {},
    { status: 'unavailable' },
    1,
  ],
  ['in the keyring', undefined, renewing, {}, { status: 'unavailable', hint: expect.stringContaining('keyring') }, 0],
])('a login that is %s', async (...[_name, text, act, world, expected, runs]) => {
  const context = machine(text, act, world);
  expect(
    await provider()
      .refresh(context)
      .catch((error: unknown) => error),
  ).toMatchObject(expected);
  expect(context.calls.exec.map(({ program, args }) => [program, ...args])).toEqual(
    Array.from({ length: runs }, () => ['/bin/agy', 'models']),
  );
  expect(context.calls.fetch.filter(({ method, url }) => method !== 'HEAD' || url.includes('oauth2'))).toEqual([]);
});

test('another home applies to the program too', async () => {
  const context = fakeContext({
    files: { '/other/.gemini/antigravity-cli/antigravity-oauth-token': plain(-1) },
    programs: { agy: '/bin/agy' },
    exec: () => ({}),
    ...online,
  });
  await provider({ home: '/other' }).refresh(context);
  expect(context.calls.exec[0]?.options.env).toEqual({ HOME: '/other', USERPROFILE: '/other' });
});

test('it can be inspected and watched', async () => {
  const context = machine(plain(1));
  expect(await provider().inspect?.(context)).toMatchObject({
    present: true,
    store: context.files.resolve(FILE),
    program: '/bin/agy',
    method: 'touch',
  });
  expect(await provider({ id: 'second', method: 'observe' }).inspect?.(context)).toMatchObject({ method: 'observe' });
  let calls = 0;
  void provider().watch?.(context, () => calls++);
  context.files.write(FILE, plain(2));
  expect(calls).toBe(1);
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a touch', expect: 'refreshed', context: world => machine(encoded(-1), renewing, world) },
      {
        name: 'a touch in vain',
        expect: 'fresh',
        context: world => machine(nested(-1), () => ({ stdout: 'CANARY' }), { ...online, ...world }),
      },
      { name: 'an outage', expect: 'throws', context: world => machine(plain(-2), undefined, world) },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
