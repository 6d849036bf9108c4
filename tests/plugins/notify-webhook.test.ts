import { createServer, type IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import notifyWebhook, { type NotifyWebhookOptions } from '../../plugins/notify-webhook/index.ts';
import { fakeContext } from '../../sdk/testing/index.ts';
import { listen } from '../support/daemon/listen.ts';
import { notice } from '../support/notice.ts';

const URL_WITH_SECRET = 'https://hooks.example/CANARY-path?key=CANARY-query';
const headers = { authorization: 'Bearer CANARY-header', 'x-priority': '5' };

test('raised and cleared notices are sent as JSON, with the configured headers', async () => {
  const context = fakeContext({ fetch: () => new Response(null, { status: 204 }) });
  const notifier = notifyWebhook({ url: URL_WITH_SECRET, headers, method: 'PUT' });
  await notifier.raise(notice(), context);
  await notifier.clear?.(notice(), context);
  expect(context.calls.fetch.map(({ method, url, body }) => ({ method, url, body: JSON.parse(body) }))).toEqual([
    { method: 'PUT', url: URL_WITH_SECRET, body: { event: 'raise', machine: hostname(), notice: notice() } },
    { method: 'PUT', url: URL_WITH_SECRET, body: { event: 'clear', machine: hostname(), notice: notice() } },
  ]);
  expect(Object.fromEntries(context.calls.fetch[0]?.headers ?? [])).toMatchObject({
    ...headers,
    'content-type': 'application/json',
  });
});

test.each<[string, () => Response | Promise<Response>, object]>([
  [
    'refuses it',
    () => new Response('CANARY', { status: 403 }),
    { code: 'KA_UNEXPECTED_ANSWER', details: { host: 'hooks.example', status: 403 } },
  ],
  [
    'points elsewhere',
    () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } }),
    { code: 'KA_UNEXPECTED_ANSWER' },
  ],
  [
    'cannot be reached',
    () =>
      Promise.reject(
        new TypeError(`fetch failed: ${URL_WITH_SECRET}`, {
          cause: Object.assign(new Error(URL_WITH_SECRET), { code: 'ECONNREFUSED' }),
        }),
      ),
    { code: 'KA_OFFLINE', details: { host: 'hooks.example', reason: 'ECONNREFUSED' } },
  ],
  ['breaks off', () => Promise.reject(new Error('CANARY')), { code: 'KA_OFFLINE', details: { reason: 'Error' } }],
])('a host that %s is reported without a secret', async (_name, answer, expected) => {
  const context = fakeContext({ fetch: answer });
  const failure = await notifyWebhook({ url: URL_WITH_SECRET, headers })
    .raise(notice(), context)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(failure).toMatchObject(expected);
  expect(inspect([failure, context.calls.log], { depth: Infinity })).not.toContain('CANARY');
  expect(context.calls.fetch).toHaveLength(1);
});

test('a real host on this machine gets it, and a redirect is not followed', async () => {
  const requests: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push(`${request.method} ${request.url} ${JSON.parse(body).notice.id}`);
    response.writeHead(request.url === '/moved' ? 307 : 200, { location: '/hook' }).end('ok');
  });
  const origin = await listen(server);
  const at = (path: string) => `${origin}${path}`;
  const context = { ...fakeContext(), fetch: globalThis.fetch };
  await notifyWebhook({ url: at('/hook') }).raise(notice(), context);
  await expect(notifyWebhook({ url: at('/moved') }).raise(notice(), context)).rejects.toMatchObject({
    details: { status: 307 },
  });
  expect(requests).toEqual(['POST /hook codex:login-required', 'POST /moved codex:login-required']);
});

test.each<[string, object]>([
  ['url', {}],
  ['url', { url: 'http://hooks.example/' }],
  ['url', { url: 'CANARY' }],
  ['method', { url: 'https://a.example', method: 'GET' }],
  ['headers', { url: 'https://a.example', headers: { 'x-a': 'CANARY\nb' } }],
  ['', { url: 'https://a.example', retries: 3 }],
])('a wrong option is refused, and not repeated: %s %o', (path, options) => {
  const refuse = () => notifyWebhook(options as NotifyWebhookOptions);
  expect(refuse).toThrow(
    expect.objectContaining({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [expect.objectContaining({ path, message: expect.not.stringContaining('CANARY') })] },
    }),
  );
});
