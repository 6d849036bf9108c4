import { request, type IncomingHttpHeaders } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLog } from '../../../kernel/log.ts';
import { Guesses } from '../../../kernel/rpc/guesses.ts';
import { listen } from '../../../kernel/rpc/listener.ts';
import { Pages } from '../../../kernel/rpc/pages.ts';

const FILES = new Map([['index.html', { type: 'text/html', body: Buffer.from('<p>page') }], ['a/b.js', { type: 'text/javascript', body: Buffer.from('1') }]]);
type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

/** A listener that shows a page, and a clock to turn. */
async function door(read = async () => FILES as ReadonlyMap<string, { type: string; body: Uint8Array }>) {
  let now = 1_000_000;
  const pages = new Pages(silentLog(), () => now);
  const unserve = pages.serve(read);
  const channels: unknown[] = [];
  const { port, stop } = await listen(0, 'token', { onChannel: channel => void channels.push(channel), onGarbage: () => undefined, pages, guesses: new Guesses(() => undefined) });
  onTestFinished(stop);
  const origin = `http://127.0.0.1:${port}`;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') => new Promise<Answer>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, response => {
      let body = '';
      response.setEncoding('utf8').on('data', chunk => void (body += chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    }).on('error', reject).end();
  });
  const link = () => pages.open(origin).slice(origin.length);
  const enter = async () => {
    const { headers } = await get(link());
    const [cookie = ''] = headers['set-cookie'] ?? [];
    return { path: headers.location ?? '', cookie: cookie.split(';')[0] ?? '' };
  };
  const connect = (path: string, headers: Record<string, string>) => new Promise<number>(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'keepalive.v1', { headers });
    socket.on('open', () => (socket.close(), resolve(101)));
    socket.on('unexpected-response', (_request, response) => (response.resume(), resolve(response.statusCode ?? 0)));
    socket.on('error', () => undefined);
  });
  return { get, link, enter, connect, origin, unserve, pages, turn: (ms: number) => void (now += ms) };
}

describe('the link', () => {
  test('lets a browser in once, by a cookie of its own that no other server is sent', async () => {
    const { get, link } = await door();
    const path = link();
    const first = await get(path);
    expect(first).toMatchObject({ status: 303, headers: { location: expect.stringMatching(/^\/page\/[\w-]{43}\/$/) } });
    const [cookie = '', ...others] = first.headers['set-cookie'] ?? [];
    expect(others).toEqual([]);
    expect(cookie).toMatch(/^keepalive=[\w-]{43}; Path=\/page\/[\w-]{43}\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).toContain(`Path=${first.headers.location};`);
    const second = await get(path);
    expect([second.status, second.headers['set-cookie'], second.body]).toEqual([401, undefined, expect.stringContaining('keepalive ui')]);
  });

  test('is too late after a minute', async () => {
    const { get, link, turn } = await door();
    const [early, late] = [link(), link()];
    turn(60_000);
    expect((await get(early)).status).toBe(303);
    turn(1);
    expect((await get(late)).status).toBe(401);
  });

  test.each<[string, Record<string, string>, string]>([
    ['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }, 'GET'],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' }, 'GET'],
    ['a foreign origin', { origin: 'http://127.0.0.1:1' }, 'GET'],
    ['a frame', { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'iframe' }, 'GET'],
    ['a script', { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' }, 'GET'],
    ['a rebound name', { host: 'evil.example' }, 'GET'],
    ['a look ahead', {}, 'HEAD'],
  ])('is refused to %s, and good afterwards', async (_who, headers, method) => {
    const { get, link } = await door();
    const path = link();
    const refused = await get(path, headers, method);
    expect([refused.status, refused.headers['set-cookie']]).toEqual([403, undefined]);
    expect((await get(path)).status).toBe(303);
  });

  test('is refused where it was never given', async () => {
    const { get } = await door();
    for (const path of ['/open/', '/open/x', `/open/${'A'.repeat(43)}`]) expect([path, (await get(path)).status]).toEqual([path, 401]);
  });
});

describe('the page', () => {
  test('is shown to a browser that was let in, and may do nothing but what comes from here', async () => {
    const { get, enter } = await door();
    const { path, cookie } = await enter();
    const page = await get(path, { cookie });
    expect(page).toMatchObject({
      status: 200, body: '<p>page',
      headers: {
        'content-type': 'text/html', 'x-frame-options': 'DENY', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
    });
    expect(await get(`${path}a/b.js?x`, { cookie, 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200, body: '1' });
    expect(await get(path, { cookie }, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test.each<[string, (own: { path: string; cookie: string }) => readonly [string, Record<string, string>, string?], number]>([
    ['without the cookie', ({ path }) => [path, {}], 401],
    ['with another cookie', ({ path }) => [path, { cookie: 'keepalive=guess' }], 401],
    ['at another path than the cookie is for', ({ cookie }) => ['/page/other/', { cookie }], 401],
    ['at the top', ({ cookie }) => ['/', { cookie }], 401],
    ['asked for by another port', ({ path, cookie }) => [path, { cookie, 'sec-fetch-site': 'same-site' }], 403],
    ['asked for by another origin', ({ path, cookie }) => [path, { cookie, origin: 'http://127.0.0.1:1' }], 403],
    ['a file that is not there', ({ path, cookie }) => [`${path}../../etc/passwd`, { cookie }], 404],
    ['a member of every object', ({ path, cookie }) => [`${path}constructor`, { cookie }], 404],
    ['posted to', ({ path, cookie }) => [path, { cookie }, 'POST'], 405],
  ])('%s is refused', async (_what, ask, status) => {
    const { get, enter } = await door();
    const [path, headers, method] = ask(await enter());
    expect((await get(path, headers, method)).status).toBe(status);
  });

  test('is read when it is first asked for, once; and again where that failed', async () => {
    let reads = 0;
    const { get, enter } = await door(async () => {
      if (++reads === 1) throw new Error('not yet');
      return FILES;
    });
    const { path, cookie } = await enter();
    expect(reads).toBe(0);
    const statuses = [await get(path, { cookie }), await get(path, { cookie }), await get(path, { cookie })].map(({ status }) => status);
    expect([statuses, reads]).toEqual([[500, 200, 200], 2]);
  });

  test('cannot be opened any more when its frontend has taken it back', async () => {
    const { pages, unserve, origin } = await door();
    void unserve();
    expect(() => pages.open(origin)).toThrow(expect.objectContaining({ code: 'KA_PAGE_NOT_SERVED' }));
  });
});

describe('its connection to the API', () => {
  test.each<[string, (own: { path: string; cookie: string; origin: string }) => readonly [string, Record<string, string>], number]>([
    ['beside the page, from our own origin', ({ path, cookie, origin }) => [`${path}rpc`, { cookie, origin }], 101],
    ['at the usual place, from our own origin', ({ cookie, origin }) => ['/rpc', { cookie, origin }], 101],
    ['without an origin', ({ path, cookie }) => [`${path}rpc`, { cookie }], 401],
    ['from another port', ({ path, cookie }) => [`${path}rpc`, { cookie, origin: 'http://127.0.0.1:1' }], 403],
    ['without the cookie', ({ path, origin }) => [`${path}rpc`, { origin }], 401],
    ['with another cookie', ({ path, origin }) => [`${path}rpc`, { cookie: 'keepalive=guess', origin }], 401],
    ['with the cookie beside a wrong token', ({ cookie, origin }) => ['/rpc', { cookie, origin, authorization: 'Bearer wrong' }], 401],
    ['elsewhere', ({ path, cookie, origin }) => [path, { cookie, origin }], 404],
  ])('%s', async (_what, offer, status) => {
    const { enter, connect, origin } = await door();
    const [path, headers] = offer({ ...(await enter()), origin });
    expect(await connect(path, headers)).toBe(status);
  });

  test('of a browser let in long ago ends when too many came after it', async () => {
    const { enter, connect, origin } = await door();
    const first = await enter();
    let last = first;
    for (let more = 0; more < 32; more++) last = await enter();
    expect(await connect('/rpc', { cookie: first.cookie, origin })).toBe(401);
    expect(await connect('/rpc', { cookie: last.cookie, origin })).toBe(101);
  });
});
