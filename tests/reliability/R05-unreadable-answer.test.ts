import { describe, expect, test } from 'vitest';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import { fingerprintOf } from '../../sdk/recipes/store/json-store.ts';
import { realContext } from '../support/real-context.ts';
import { noWait, tokenFile } from '../support/vendors/token-file.ts';
import { rotatingServer, type Reply } from '../support/vendors/token-server.ts';

const UNREAD = 'no token was found in the answer';

/** A login at a vendor that revokes reused tokens, with answers of a given shape. */
async function setUp(write: (tokens: object) => Reply, expires_at = 2_000) {
  const server = await rotatingServer({ fate: answer => (answer === 'hang up' ? answer : write(Object(answer.body))) });
  const file = await tokenFile({ tokenEndpoint: server.url }, { expires_at });
  const at = (seconds: number, force = false) =>
    redeem(file.source, realContext(file.folder, { now: () => seconds * 1_000, force }), noWait).catch(
      (error: unknown) => error,
    );
  return { server, ...file, at };
}

const shapes: Readonly<Record<string, (tokens: object) => Reply>> = {
  'an unknown envelope': tokens => ({
    body: { v: 2, payload: Buffer.from(JSON.stringify(tokens)).toString('base64') },
  }),
  nothing: () => ({ body: '', status: 202 }),
  null: () => ({ body: 'null' }),
  'plain text': () => ({ body: 'OK', headers: { 'content-type': 'text/plain' } }),
  'bytes that are not text': () => ({ body: '\u0000\u0001\u00ff' }),
  'more than the limit, with the tokens last': tokens => ({ body: { padding: 'x'.repeat(1_200_000), ...tokens } }),
};

describe.each(Object.entries(shapes))('R5: an answer of %s', (_, write) => {
  test('keeps the token unused while the session works, even if forced, and reports it', async () => {
    const { server, at, read } = await setUp(write);
    for (const [seconds, force] of [
      [1_900, false],
      [1_960, false],
      [1_970, true],
      [1_999, false],
    ] as const) {
      expect(await at(seconds, force)).toMatchObject({
        status: 'deferred',
        until: new Date(2_000_000),
        reason: expect.stringContaining(UNREAD),
      });
    }
    expect(server.received).toHaveLength(1);
    expect(server.isRevoked()).toBe(false);
    expect(await read()).toMatchObject({ refresh_token: 'refresh-0', expires_at: 2_000 });
  });

  test('is followed by one more request after the session has ended, which gives proof', async () => {
    const { server, at } = await setUp(write);
    await at(1_900);
    expect(await at(2_000)).toMatchObject({
      status: 'login-required',
      proof: 'The vendor answered 400 invalid_grant.',
    });
    expect(server.received).toHaveLength(2);
  });
});

test('R5: without a known expiry the token is not sent for an hour', async () => {
  const { server, at } = await setUp(() => ({ body: { v: 2 } }), 0);
  const { folder, source, write } = await tokenFile({
    tokenEndpoint: server.url,
    paths: { access: 'access_token', refresh: 'refresh_token' },
  });
  await write({ access_token: 'access-0', refresh_token: 'refresh-0' });
  const ask = (seconds: number) => redeem(source, realContext(folder, { now: () => seconds * 1_000 }), noWait);
  expect(await ask(10_000)).toMatchObject({ status: 'deferred', until: new Date(13_600_000) });
  expect(await ask(13_599)).toMatchObject({ status: 'deferred' });
  expect(server.received).toHaveLength(1);
  expect(await ask(13_600)).toMatchObject({ status: 'login-required' });
  expect(await at(1)).toMatchObject({ status: 'login-required' });
});

test('R5: once the session has ended, an answer without a token is an ordinary failure', async () => {
  const { at } = await setUp(() => ({ body: { ok: true } }));
  expect(await at(2_000)).toMatchObject({
    code: 'KA_UNEXPECTED_ANSWER',
    details: { status: 200, reason: 'No token was found in it.' },
  });
});

test('R5: the journal keeps the whole answer, so that a later version can read the new token from it', async () => {
  const payload = Buffer.from([0x00, 0xff, 0x0a, 0x22]);
  const { folder, source, read } = await tokenFile({}, { expires_at: 2_000 });
  const given = {
    now: () => 1_900_000,
    fetch: async () => new Response(payload, { status: 201, headers: { 'content-type': 'application/x-new' } }),
  };
  expect(await redeem(source, realContext(folder, given))).toMatchObject({ status: 'deferred' });
  const { files } = realContext(folder);
  const key = `sent:${fingerprintOf('refresh-0')}`;
  const lines = ((await files.journal.read(key)) ?? '')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(lines).toEqual([
    { sent: fingerprintOf('refresh-0'), at: 1_900_000 },
    {
      answer: {
        base64: payload.toString('base64'),
        end: 'whole',
        status: 201,
        type: 'application/x-new',
        retryAfter: null,
        location: null,
      },
      at: 1_900_000,
      isLost: false,
    },
  ]);
  // The same note as an older version, which does not understand the answer, would have written it.
  const [sent, answered] = lines;
  const text = JSON.stringify({ data: { accessToken: 'access-1', refreshToken: 'refresh-1', expiresIn: 3_600 } });
  await files.journal.write(
    key,
    [sent, { ...answered, answer: { ...answered.answer, base64: undefined, text } }]
      .map(line => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  expect(await redeem(source, realContext(folder, { now: () => 1_950_000 }))).toMatchObject({
    status: 'refreshed',
    expiresAt: new Date(1_900_000 + 3_600_000),
  });
  expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-1' });
});

test('R5: a note of the previous version is still read', async () => {
  const { folder, source, read } = await tokenFile();
  const { files } = realContext(folder);
  const reply = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 60 };
  await files.journal.write(
    `sent:${source.file}`,
    `${JSON.stringify({ sent: fingerprintOf('refresh-0'), at: 1.8e12 })}\n${JSON.stringify({ reply, at: 1.8e12 })}\n`,
  );
  expect(await redeem(source, realContext(folder, { now: () => 1.8e12 }))).toMatchObject({
    status: 'refreshed',
    expiresAt: new Date(1.8e12 + 60_000),
  });
  expect(await read()).toMatchObject({ refresh_token: 'refresh-1' });
});

test.each<[string, (tokens: object) => Reply]>([
  ['with an unusual status', tokens => ({ status: 206, body: tokens })],
  ['with an error status', tokens => ({ status: 500, body: tokens })],
  ['with a redirect', tokens => ({ status: 302, headers: { location: '/done' }, body: tokens })],
  ['truncated after the tokens', tokens => ({ body: JSON.stringify(tokens).slice(0, -3) })],
  ['longer than the limit, with the tokens first', tokens => ({ body: { ...tokens, padding: 'x'.repeat(1_200_000) } })],
])('R5: a new token is used if its answer comes %s', async (_, write) => {
  const { server, at, read } = await setUp(write);
  expect(await at(1_900)).toMatchObject({ status: 'refreshed' });
  expect(await read()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-1' });
  expect(server.received).toHaveLength(1);
});

test('R5: an answer that breaks the HTTP parser is not requested again, for it would break it again', async () => {
  for (const code of ['HPE_INVALID_HEADER_TOKEN', 'UND_ERR_HEADERS_OVERFLOW', 'Z_DATA_ERROR']) {
    const { folder, source } = await tokenFile({}, { expires_at: 2_000 });
    let count = 0;
    const fetch = async () => {
      count += 1;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
    };
    const context = realContext(folder, { now: () => 1_900_000, fetch });
    await expect(redeem(source, context)).rejects.toMatchObject({ code: 'KA_OFFLINE', details: { answer: 'lost' } });
    expect(await redeem(source, context)).toMatchObject({ status: 'deferred' });
    expect(count).toBe(1);
  }
});

test("R5: after a refusal with one of the vendor's error codes the token may be sent again", async () => {
  const { folder, source } = await tokenFile({}, { expires_at: 2_000 });
  let count = 0;
  const fetch = async () => (count++, Response.json({ ok: false, error: 'invalid_client_id' }));
  const context = realContext(folder, { now: () => 1_900_000, fetch });
  for (let round = 1; round <= 2; round += 1) {
    await expect(redeem(source, context)).rejects.toMatchObject({
      code: 'KA_UNEXPECTED_ANSWER',
      details: { status: 200, vendorCode: 'invalid_client_id' },
    });
    expect(count).toBe(round);
  }
});
