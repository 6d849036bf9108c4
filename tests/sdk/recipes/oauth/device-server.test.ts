import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { deviceScene } from '../../../support/vendors/device-scene.ts';

const CODE = {
  device_code: 'CANARY-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://acme.example/device',
  expires_in: 900,
};
const TOKENS = { access_token: 'access-1', refresh_token: 'refresh-1', token_type: 'bearer', expires_in: 3_600 };

type Answer = Response | Error;
const json = (body: object, status = 200, headers = {}) => Response.json(body, { status, headers });

/** A server that answers the request for a code, and then the polls one by one. */
async function scene(code: Answer, polls: readonly Answer[] = []) {
  const answers = [code, ...polls];
  const sent: string[] = [];
  const answer = async (_url: unknown, init?: RequestInit) => {
    sent.push(String(init?.body));
    const next = answers.shift() ?? json(TOKENS);
    if (next instanceof Error) throw next;
    return next;
  };
  const deviceEndpoint = 'https://id.acme.example/device/code';
  const { run, file, context, ...rest } = await deviceScene({ deviceEndpoint }, { fetch: answer });
  const before = await readFile(file, 'utf8');
  return { ...rest, run, sent, context, before, text: () => readFile(file, 'utf8') };
}

describe('a sign-in with a code goes on', () => {
  const refused = Object.assign(new Error('fetch failed'), {
    cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
  });
  test.each<[string, Answer]>([
    ['while the user has not approved it', json({ error: 'authorization_pending' }, 400)],
    ['if the server says so with the status 200', json({ error: 'authorization_pending' })],
    ['while there is no network', refused],
    ['while the server is down', new Response('', { status: 503 })],
    ['while a captive portal answers', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('%s', async (_, poll) => {
    const { run, text, sent, before } = await scene(json(CODE), [poll, json(TOKENS)]);
    await run();
    expect(sent).toHaveLength(3);
    expect(sent[2]).toContain('grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code');
    expect(await text()).not.toBe(before);
  });
});

test('the life of the new token does not begin later if the machine slept before the answer came', async () => {
  const began = Math.floor(Date.now() / 1_000) * 1_000;
  let now = began;
  const answer = async (_url: unknown, init?: RequestInit) => {
    if (!String(init?.body).includes('device_code=')) return json(CODE);
    now = began + 7_200_000;
    return json(TOKENS);
  };
  const deviceEndpoint = 'https://id.acme.example/device/code';
  const { run, file } = await deviceScene({ deviceEndpoint }, { fetch: answer, now: () => now });
  await run();
  expect(JSON.parse(await readFile(file, 'utf8')).expires_at).toBe(began / 1_000 + 3_600);
});

describe('a code is understood', () => {
  test.each<[string, object]>([
    ['with numbers as text', { ...CODE, expires_in: '900', interval: '5' }],
    [
      'with the name of the address that Google uses',
      { ...CODE, verification_uri: undefined, verification_url: CODE.verification_uri },
    ],
    ['without an expiry', { ...CODE, expires_in: undefined }],
  ])('%s', async (_, code) => {
    const { run, shown } = await scene(json(code));
    await run();
    expect(shown).toMatchObject([{ url: CODE.verification_uri, userCode: 'ABCD-EFGH' }]);
    expect(Math.abs((shown[0]?.expiresAt?.getTime() ?? 0) - Date.now() - 900_000)).toBeLessThan(60_000);
  });

  test('and the longest life that is believed is an hour', async () => {
    const { run, shown } = await scene(json({ ...CODE, expires_in: 1e300 }));
    await run();
    expect(shown[0]?.expiresAt?.getTime()).toBeLessThan(Date.now() + 3_700_000);
  });
});

describe('a sign-in fails, and the user is asked for nothing,', () => {
  const reason = (text: string) => ({ code: 'KA_LOGIN_FAILED', details: { reason: text } });
  test.each<[string, Answer, object]>([
    ['if the code is no text to type', json({ ...CODE, user_code: 'x'.repeat(41) }), reason('The server answered 200')],
    ['if the code has control characters', json({ ...CODE, user_code: 'A\u202eB' }), reason('The server answered 200')],
    ['if there is no code', json({}), reason('The server answered 200')],
    ['if the address is missing', json({ ...CODE, verification_uri: undefined }), reason('The server answered 200')],
    ['if the endpoint is missing', json({}, 404), reason('The server answered 404')],
    [
      'if the client is not accepted',
      json({ error: 'invalid_client' }, 401),
      reason('The server does not accept the client. Check the clientId and the clientSecret'),
    ],
    ['if there are too many requests', json({}, 429), reason('The server wants fewer requests. Try again later')],
    ['if the server is down', json({}, 500), { code: 'KA_OFFLINE' }],
    ['if there is no network', new Error('fetch failed'), { code: 'KA_OFFLINE' }],
    ['if a captive portal answers', new Response('<html>'), { code: 'KA_INTERCEPTED' }],
  ])('%s', async (_, answer, error) => {
    const { run, text, shown, before } = await scene(answer);
    await expect(run()).rejects.toMatchObject(error);
    expect(shown).toEqual([]);
    expect(await text()).toBe(before);
  });
});

test.each<[string, Answer, string]>([
  ['no refresh token', json({ ...TOKENS, refresh_token: undefined }), 'The server sent no refresh token'],
  ['no token', json({ ok: true }), 'The server answered 200'],
  ['an error', json({ error: 'invalid_grant' }, 400), 'The server answered 400 invalid_grant'],
])('a sign-in that brings %s leaves the old login untouched', async (_, answer, reason) => {
  const { run, text, before } = await scene(json(CODE), [answer]);
  await expect(run()).rejects.toMatchObject({ details: { reason: expect.stringContaining(reason) } });
  expect(await text()).toBe(before);
});

test('neither the code of the device nor a token is logged', async () => {
  const { run, context } = await scene(json(CODE), [json({ error: 'x' }, 400)]);
  await expect(run()).rejects.toThrow('The sign-in did not succeed.');
  expect(context.concealed).toContain('CANARY-device-code');
  expect(JSON.stringify(context.lines)).not.toContain('CANARY');
});
