import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { realContext } from '../../../support/real-context.ts';
import { noWait, tokenFile } from '../../../support/vendors/token-file.ts';
import { tokenServer } from '../../../support/vendors/token-server.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const CANARY = 'CANARY-4f1c';

const answer =
  (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

const broken = (code: string, syscall?: string) => async () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, syscall }) });
};

const echo = { error_description: `${CANARY} is not good`, refresh_token_hint: CANARY };

test.each<[shape: string, fetch: typeof globalThis.fetch, result: object, requests: number]>([
  [
    'invalid_grant',
    answer(400, { error: 'invalid_grant', ...echo }),
    { status: 'login-required', proof: 'The vendor answered 400 invalid_grant.' },
    1,
  ],
  ['invalid_grant with 401', answer(401, { error: 'invalid_grant' }), { status: 'login-required' }, 1],
  ['invalid_grant with 200', answer(200, { error: 'invalid_grant' }), { status: 'login-required' }, 1],
  [
    "the vendor's own code",
    answer(401, { error: { code: 'token_reused', message: CANARY } }),
    { status: 'login-required', proof: 'The vendor answered 401 token_reused.' },
    1,
  ],
  [
    "the vendor's own status",
    answer(410, { error: { message: CANARY } }),
    { status: 'login-required', proof: 'The vendor answered 410.' },
    1,
  ],
  [
    "the vendor's own status, but not in JSON",
    answer(410, CANARY),
    { code: 'KA_UNEXPECTED_ANSWER', details: { status: 410 } },
    1,
  ],
  [
    "the vendor's own status, with a page",
    answer(410, `<html>${CANARY}`),
    { code: 'KA_INTERCEPTED', details: { status: 410 } },
    1,
  ],
  [
    '429 with seconds',
    answer(429, '', { 'retry-after': '90' }),
    { status: 'rate-limited', retryAt: new Date(NOW + 90_000) },
    1,
  ],
  [
    '429 with a date',
    answer(429, '', { 'retry-after': 'Sun, 22 Nov 2026 13:00:00 GMT' }),
    { status: 'rate-limited', retryAt: new Date('2026-11-22T13:00:00Z') },
    1,
  ],
  ['429 with nonsense', answer(429, '', { 'retry-after': CANARY }), { status: 'rate-limited', retryAt: undefined }, 1],
  ['500', answer(500, CANARY), { code: 'KA_OFFLINE', details: { status: 500 } }, 1],
  ['503', answer(503, { error: 'invalid_grant' }), { code: 'KA_OFFLINE', details: { status: 503 } }, 1],
  [
    'invalid_client',
    answer(401, { error: 'invalid_client', ...echo }),
    {
      code: 'KA_UNEXPECTED_ANSWER',
      details: { status: 401, vendorCode: 'invalid_client', hint: expect.stringContaining('clientId') },
    },
    1,
  ],
  ['403', answer(403, CANARY), { code: 'KA_UNEXPECTED_ANSWER', details: { status: 403 } }, 1],
  [
    'a redirect to another site',
    answer(302, '', { location: `https://portal.example/login?token=${CANARY}` }),
    { code: 'KA_INTERCEPTED', details: { status: 302, leadsTo: 'portal.example/login' } },
    1,
  ],
  [
    'a redirect within the site',
    answer(308, '<html>', { location: `/v2/token?token=${CANARY}#${CANARY}` }),
    { code: 'KA_UNEXPECTED_ANSWER', details: { status: 308, leadsTo: '127.0.0.1:1/v2/token' } },
    1,
  ],
  ["a portal's page", answer(200, `<html>${CANARY}</html>`), { code: 'KA_INTERCEPTED', details: { status: 200 } }, 1],
  [
    'JSON without a token',
    answer(200, { ok: true, ...echo }),
    { code: 'KA_UNEXPECTED_ANSWER', details: { status: 200 } },
    1,
  ],
  ['an empty token', answer(200, { access_token: '' }), { code: 'KA_UNEXPECTED_ANSWER', details: { status: 200 } }, 1],
  ['no such host', broken('ENOTFOUND', 'getaddrinfo'), { code: 'KA_OFFLINE', details: { answer: 'none' } }, 1],
  ['refused', broken('ECONNREFUSED', 'connect'), { code: 'KA_OFFLINE', details: { answer: 'none' } }, 1],
  ['no connection in time', broken('ETIMEDOUT', 'connect'), { code: 'KA_OFFLINE', details: { answer: 'none' } }, 1],
  [
    'a self-signed certificate',
    broken('SELF_SIGNED_CERT_IN_CHAIN'),
    { code: 'KA_OFFLINE', details: { answer: 'none' } },
    1,
  ],
  ['reset', broken('ECONNRESET', 'read'), { code: 'KA_OFFLINE', details: { answer: 'lost' } }, 2],
  [
    'silence',
    async () => Promise.reject(new DOMException('', 'TimeoutError')),
    { code: 'KA_OFFLINE', details: { answer: 'lost' } },
    2,
  ],
])('%s', async (_, fetch, result, requests) => {
  const { folder, source, read } = await tokenFile(
    { permanentCodes: ['token_reused'], permanentStatuses: [410], clientSecret: `secret-${CANARY}` },
    { access_token: CANARY, refresh_token: CANARY },
  );
  let count = 0;
  const context = realContext(folder, { now: () => NOW, fetch: (...request) => (count++, fetch(...request)) });
  const found: unknown = await redeem(source, context, noWait).catch((error: unknown) => error);
  expect(found).toMatchObject(result);
  expect(count).toBe(requests);
  expect(await read()).toEqual({ access_token: CANARY, refresh_token: CANARY, expires_at: 1 });
  const shown = found instanceof KeepaliveError ? [found.message, found.details, found.stack] : [found];
  expect(JSON.stringify([shown, context.lines])).not.toContain(CANARY);
  expect([...context.concealed].toSorted()).toEqual([CANARY, `secret-${CANARY}`]);
  expect((await readdir(folder)).toSorted()).toEqual(['journal', 'token.json']);
});

test('a token is not sent to the target of a redirect', async () => {
  const { url, received } = await tokenServer(() => ({ status: 307, headers: { location: '/elsewhere' } }));
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  await expect(redeem(source, realContext(folder))).rejects.toMatchObject({
    code: 'KA_UNEXPECTED_ANSWER',
    details: { status: 307 },
  });
  expect(received).toHaveLength(1);
});

test('after a refusal, a token that the owner has stored counts', async () => {
  const { folder, source, write } = await tokenFile({ settleMs: 1_000 });
  const waits: number[] = [];
  const wait = async (ms: number) => {
    if (waits.push(ms) === 7) await write({ access_token: 'access-9', refresh_token: 'refresh-9', expires_at: 1.8e9 });
  };
  const outcome = await redeem(source, realContext(folder, { fetch: answer(400, { error: 'invalid_grant' }) }), wait);
  expect(outcome).toMatchObject({ status: 'fresh', expiresAt: new Date(1.8e12) });
  expect(waits).toHaveLength(7);
});

test('a sign-out during a refusal is reported as such', async () => {
  const { folder, source, write } = await tokenFile();
  const outcome = await redeem(source, realContext(folder, { fetch: answer(400, { error: 'invalid_grant' }) }), () =>
    write({}),
  );
  expect(outcome).toMatchObject({ status: 'unavailable' });
});

test('an aborted attempt sends nothing', async () => {
  const { folder, source } = await tokenFile();
  let count = 0;
  const fetch = async () => (count++, new Response());
  await expect(redeem(source, realContext(folder, { fetch, signal: AbortSignal.abort() }))).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(count).toBe(0);
});

test('a request that was sent is not aborted', async () => {
  const { folder, source, read } = await tokenFile();
  const stop = new AbortController();
  const fetch: typeof globalThis.fetch = async (_, init) => {
    stop.abort();
    init?.signal?.throwIfAborted();
    return Response.json({ access_token: 'access-1', refresh_token: 'refresh-1' });
  };
  expect(await redeem(source, realContext(folder, { fetch, signal: stop.signal }))).toMatchObject({
    status: 'refreshed',
  });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
});
