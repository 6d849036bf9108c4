import { describe, expect, test } from 'vitest';
import { pageServer, PAGE_FILES } from '../support/daemon/page-listener.ts';

describe('the page', () => {
  test('is served to a browser that has access, with a strict security policy', async () => {
    const { get, enter } = await pageServer();
    const { path, cookie } = await enter();
    const page = await get(path, { cookie });
    expect(page).toMatchObject({
      status: 200,
      body: '<p>page',
      headers: {
        'content-type': 'text/html',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
    });
    expect(await get(`${path}a/b.js?x`, { cookie, 'sec-fetch-site': 'same-origin' })).toMatchObject({
      status: 200,
      body: '1',
    });
    expect(await get(path, { cookie }, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test.each<
    [string, (own: { path: string; cookie: string }) => readonly [string, Record<string, string>, string?], number]
  >([
    ['without the cookie', ({ path }) => [path, {}], 401],
    ['with another cookie', ({ path }) => [path, { cookie: 'keepalive=guess' }], 401],
    ['at another path than the cookie is for', ({ cookie }) => ['/page/other/', { cookie }], 401],
    ['at the root', ({ cookie }) => ['/', { cookie }], 401],
    ['requested by another port', ({ path, cookie }) => [path, { cookie, 'sec-fetch-site': 'same-site' }], 403],
    ['requested by another origin', ({ path, cookie }) => [path, { cookie, origin: 'http://127.0.0.1:1' }], 403],
    ['a file that does not exist', ({ path, cookie }) => [`${path}../../etc/passwd`, { cookie }], 404],
    ['a property name of every object', ({ path, cookie }) => [`${path}constructor`, { cookie }], 404],
    ['posted to', ({ path, cookie }) => [path, { cookie }, 'POST'], 405],
  ])('%s is refused', async (_what, ask, status) => {
    const { get, enter } = await pageServer();
    const [path, headers, method] = ask(await enter());
    expect((await get(path, headers, method)).status).toBe(status);
  });

  test('is read once, at the first request, and again after a failure', async () => {
    let reads = 0;
    const { get, enter } = await pageServer(async () => {
      if (++reads === 1) throw new Error('not yet');
      return PAGE_FILES;
    });
    const { path, cookie } = await enter();
    expect(reads).toBe(0);
    const statuses = [await get(path, { cookie }), await get(path, { cookie }), await get(path, { cookie })].map(
      ({ status }) => status,
    );
    expect([statuses, reads]).toEqual([[500, 200, 200], 2]);
  });

  test('is opened at the sign-in of a session, by a link and by the form in a file', async () => {
    const { get, pages, origin } = await pageServer();
    const link = () => pages.open(origin, { signIn: 'work "x"' }).slice(origin.length);
    const { status, headers } = await get(link());
    expect([status, headers.location]).toEqual([
      303,
      expect.stringMatching(/^\/page\/[\w-]+\/#sign-in=work%20%22x%22$/),
    ]);
    expect(headers['set-cookie']?.[0]).toMatch(/Path=\/page\/[\w-]+\/;/);
    const code = `code=${link().slice('/open/'.length)}`;
    const forwarding = await get('/open/', { 'content-length': String(code.length) }, 'POST', code);
    expect(forwarding.body).toMatch(/content="0; url=\/page\/[\w-]+\/#sign-in=work%20%22x%22"/);
  });

  test('stays at its address beside the page of another frontend, which has its own', async () => {
    const { get, pages, origin } = await pageServer();
    const other = async () => new Map([['index.html', { type: 'text/html', body: Buffer.from('the other page') }]]);
    const stop = pages.serve('mine', other);
    const visit = async (link: string) => {
      const { headers } = await get(link.slice(origin.length));
      const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      return () => get(headers.location ?? '', { cookie });
    };
    const [settings, mine] = [await visit(pages.open(origin)), await visit(pages.open(origin, { page: 'mine' }))];
    expect((await settings()).body).not.toBe('the other page');
    expect((await mine()).body).toBe('the other page');
    void stop();
    expect(await mine()).toMatchObject({ status: 404, body: expect.stringContaining('keepalive plugin list') });
    expect((await settings()).status).toBe(200);
    expect(() => pages.open(origin, { page: 'mine' })).toThrow(
      expect.objectContaining({ code: 'KA_PAGE_NOT_SERVED', details: { page: 'mine', known: ['ui-web'] } }),
    );
  });

  test('cannot be opened after its frontend has stopped serving it', async () => {
    const { pages, unserve, origin } = await pageServer();
    void unserve();
    expect(() => pages.open(origin)).toThrow(expect.objectContaining({ code: 'KA_PAGE_NOT_SERVED' }));
  });
});

describe('its connection to the API', () => {
  test.each<
    [
      string,
      (own: { path: string; cookie: string; origin: string }) => readonly [string, Record<string, string>],
      number,
    ]
  >([
    ['beside the page, from our own origin', ({ path, cookie, origin }) => [`${path}rpc`, { cookie, origin }], 101],
    ['at /rpc, from our own origin', ({ cookie, origin }) => ['/rpc', { cookie, origin }], 101],
    ['without an origin', ({ path, cookie }) => [`${path}rpc`, { cookie }], 401],
    ['from another port', ({ path, cookie }) => [`${path}rpc`, { cookie, origin: 'http://127.0.0.1:1' }], 403],
    ['without the cookie', ({ path, origin }) => [`${path}rpc`, { origin }], 401],
    ['with another cookie', ({ path, origin }) => [`${path}rpc`, { cookie: 'keepalive=guess', origin }], 401],
    [
      'with the cookie beside a wrong token',
      ({ cookie, origin }) => ['/rpc', { cookie, origin, authorization: 'Bearer wrong' }],
      401,
    ],
    ['at another path', ({ path, cookie, origin }) => [path, { cookie, origin }], 404],
  ])('%s', async (_what, offer, status) => {
    const { enter, connect, origin } = await pageServer();
    const [path, headers] = offer({ ...(await enter()), origin });
    expect(await connect(path, headers)).toBe(status);
  });

  test('ends for the oldest browser when there are too many', async () => {
    const { enter, connect, origin } = await pageServer();
    const first = await enter();
    let last = first;
    for (let more = 0; more < 32; more++) last = await enter();
    expect(await connect('/rpc', { cookie: first.cookie, origin })).toBe(401);
    expect(await connect('/rpc', { cookie: last.cookie, origin })).toBe(101);
  });
});
