import { expect, test } from 'vitest';
import { offline } from '../../../../sdk/contract/errors.ts';
import { touch, type StoreReading, type TouchOptions } from '../../../../sdk/recipes/cli/touch.ts';
import { fakeContext, type FakeOverrides } from '../../../../sdk/testing/index.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const BEFORE: StoreReading = { fingerprint: 'a', expiresAt: at(1) };
const RENEWED: StoreReading = { fingerprint: 'b', expiresAt: at(9), loginExpiresAt: at(20) };

/** A touch after which the store shows these readings in order. The last one stays. */
async function run(
  readings: readonly (StoreReading | undefined)[],
  changes: Partial<TouchOptions> = {},
  world: FakeOverrides = {},
  start = BEFORE,
) {
  const after = [...readings];
  let ran = false;
  let looks = 0;
  const context = fakeContext({
    ...world,
    exec: async call => {
      ran = true;
      return (await world.exec?.(call)) ?? {};
    },
  });
  const outcome = touch(
    context,
    {
      program: '/bin/acme',
      args: ['touch'],
      loginHint: 'Run `acme login`.',
      wait: async () => {},
      async read() {
        if (!ran) return start;
        looks++;
        return after.length > 1 ? after.shift() : after[0];
      },
      ...changes,
    },
    BEFORE,
  );
  await outcome.catch(() => {});
  return { outcome, context, looks: () => looks };
}

test.each<[string, (StoreReading | undefined)[], object]>([
  ['renewed', [RENEWED], { status: 'refreshed', expiresAt: at(9), loginExpiresAt: at(20) }],
  [
    'renewed by someone else, seconds later',
    [BEFORE, BEFORE, BEFORE, RENEWED],
    { status: 'refreshed', expiresAt: at(9) },
  ],
  ['written twice in a row', [{ fingerprint: 'x' }, RENEWED], { status: 'refreshed', expiresAt: at(9) }],
  ['renewed, without an expiry to compare', [{ fingerprint: 'b' }], { status: 'refreshed', expiresAt: undefined }],
  [
    'emptied',
    [{ fingerprint: '', blank: true }],
    { status: 'login-required', hint: 'Run `acme login`.', proof: 'The program emptied its own credential.' },
  ],
  ['removed', [undefined], { status: 'unavailable', hint: 'Run `acme login`.' }],
])('a store that is %s after the command', async (_name, readings, outcome) => {
  expect(await (await run(readings)).outcome).toMatchObject({ ...outcome, method: 'touch' });
});

test('the store decides, not the exit code', async () => {
  const { outcome } = await run([RENEWED], {}, { exec: () => ({ exitCode: 1 }) });
  expect((await outcome).status).toBe('refreshed');
  await expect((await run([BEFORE], {}, { exec: () => ({ exitCode: 0 }) })).outcome).rejects.toMatchObject({
    code: 'KA_PROGRAM_FAILED',
    details: { exitCode: 0, reason: 'The credential did not change.' },
  });
});

test('a credential that lasts no longer than before is ineffective', async () => {
  await expect((await run([{ fingerprint: 'b', expiresAt: at(1) }])).outcome).rejects.toMatchObject({
    code: 'KA_INEFFECTIVE',
  });
});

test('an unchanged store is read for six seconds before it counts', async () => {
  expect((await run([BEFORE])).looks()).toBe(25);
});

test('a credential that the owner has already renewed is fresh, and the program is not started', async () => {
  const { outcome, context } = await run([], {}, {}, RENEWED);
  expect(await outcome).toMatchObject({ status: 'fresh', expiresAt: at(9) });
  expect(context.calls.exec).toEqual([]);
});

test('the program gets a minute to end, and no abort signal', async () => {
  const { context } = await run([RENEWED], { env: { ACME_HOME: '/x' }, timeoutMs: 30_000 });
  expect(context.calls.exec).toMatchObject([
    {
      program: '/bin/acme',
      args: ['touch'],
      options: { env: { ACME_HOME: '/x' }, timeoutMs: 30_000, graceMs: 60_000 },
    },
  ]);
  expect(context.calls.exec[0]?.options.signal).toBeUndefined();
});

const down: TouchOptions['unchanged'] = () => {
  throw offline({ status: 503 });
};

test('two processes do not run the program at the same time', async () => {
  const { outcome, context } = await run([RENEWED], { lock: '~/.acme/lock' });
  expect((await outcome).status).toBe('refreshed');
  expect(context.files.changes).toEqual([`lock ${context.files.resolve('~/.acme/lock')}`]);
  const release = await context.files.lock('~/.acme/lock');
  expect(release).toBeDefined();
  const stat = async (path: string) => ({ path, modifiedAt: at(0).getTime() - 5_000, mode: 0o700, writable: true });
  const second = await run([RENEWED], { lock: '~/.acme/lock' }, { files: { ...context.files, stat } });
  expect(await second.outcome).toMatchObject({
    status: 'deferred',
    until: new Date(at(0).getTime() + 55_001),
    method: 'touch',
  });
  expect(second.context.calls.exec).toEqual([]);
});

test('the provider explains an unchanged store first', async () => {
  const proof = { status: 'login-required', hint: 'h', proof: 'It said 401.' } as const;
  const unchanged: TouchOptions['unchanged'] = ({ stderr }) => (stderr === '401' ? proof : undefined);
  expect(await (await run([BEFORE], { unchanged }, { exec: () => ({ stderr: '401' }) })).outcome).toEqual({
    ...proof,
    method: 'touch',
  });
  await expect((await run([BEFORE], { unchanged })).outcome).rejects.toMatchObject({ code: 'KA_PROGRAM_FAILED' });
  await expect((await run([BEFORE], { unchanged: down })).outcome).rejects.toMatchObject({ code: 'KA_OFFLINE' });
});

test.each<[string, FakeOverrides, string]>([
  ['does not answer', {}, 'KA_OFFLINE'],
  ['has an outage', { fetch: () => new Response(null, { status: 503 }) }, 'KA_OFFLINE'],
  ['is behind a network that requires a login', { fetch: () => new Response(null, { status: 511 }) }, 'KA_INTERCEPTED'],
  ['is behind a proxy that requires a login', { fetch: () => new Response(null, { status: 407 }) }, 'KA_INTERCEPTED'],
  ['answers', { fetch: () => new Response(null, { status: 405 }) }, 'KA_PROGRAM_FAILED'],
])('an unchanged store while the vendor %s', async (_name, world, code) => {
  await expect((await run([BEFORE], { endpoint: 'https://acme.test/token' }, world)).outcome).rejects.toMatchObject({
    code,
  });
});

test('a program that did not end in time is reported as such', async () => {
  await expect(
    (await run([BEFORE], {}, { exec: () => ({ timedOut: true, exitCode: undefined }) })).outcome,
  ).rejects.toMatchObject({ details: { program: '/bin/acme', reason: 'It did not end in time.' } });
});

const SILENT = { mayBeSilent: { store: '/acme.json' } };
const HOUR = 3_600_000;

test.each<[string, number, string]>([
  ['at the first try', 0, 'KA_OFFLINE'],
  ['hours later', 5, 'KA_OFFLINE'],
  ['for six hours without a good credential', 7, 'KA_NOT_RENEWED'],
])('where the program may be silent, a store left as it was without a word %s', async (_name, hours, code) => {
  const expired = at(1).getTime();
  const { context } = await run([BEFORE], SILENT, { now: () => expired });
  const { outcome } = await run([BEFORE], SILENT, { files: context.files, now: () => expired + hours * HOUR });
  await expect(outcome).rejects.toMatchObject({
    code,
    details: { program: '/bin/acme', reason: expect.stringContaining('The credential did not change.') },
  });
  await expect(outcome).rejects.not.toMatchObject({ details: { hint: expect.anything() } });
});

test('a silent program is no failure while the credential is valid', async () => {
  const { context } = await run([BEFORE], SILENT, { now: () => at(1).getTime() - 90 * HOUR });
  const { outcome } = await run([BEFORE], SILENT, { files: context.files, now: () => at(1).getTime() });
  await expect(outcome).rejects.toMatchObject({ code: 'KA_OFFLINE' });
});

test('a reason from the program is passed on', async () => {
  const { outcome } = await run([BEFORE], { ...SILENT, unchanged: () => 'acme reported HTTP 403.' });
  await expect(outcome).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { reason: 'acme reported HTTP 403.' } });
  await expect((await run([BEFORE], { unchanged: () => 'It said no.' })).outcome).rejects.toMatchObject({
    code: 'KA_PROGRAM_FAILED',
    details: { reason: 'It said no.' },
  });
});
