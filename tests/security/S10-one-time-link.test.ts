import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { describeInBrowser } from '../e2e/page/shared-browser.ts';
import { answeringFiles } from '../e2e/page/opened.ts';
import { naiveServer } from '../support/daemon/naive-listener.ts';
import { pageServer } from '../support/daemon/page-listener.ts';
import { times } from '../support/runs.ts';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders };
const letsIn = ({ status, headers }: Answer): boolean => status < 400 && headers['set-cookie'] !== undefined;

const COOKIE = /^keepalive=[\w-]{43}; Path=\/page\/[\w-]{43}\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/;
const FOREIGN: readonly (readonly [string, Record<string, string>, string])[] = [
  ['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }, 'GET'],
  ['another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' }, 'GET'],
  ['a foreign origin', { origin: 'http://127.0.0.1:1' }, 'GET'],
  ['a page without an origin', { origin: 'null' }, 'GET'],
  ['a frame', { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'iframe' }, 'GET'],
  ['a script', { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' }, 'GET'],
  ['a rebound name', { host: 'evil.example' }, 'GET'],
  ['a preview', {}, 'HEAD'],
];

describe('S10: the link', () => {
  test('lets a browser in once, with a cookie that is sent to no other server', async () => {
    const { get, link } = await pageServer();
    const path = link();
    const first = await get(path);
    expect(first).toMatchObject({ status: 303, headers: { location: expect.stringMatching(/^\/page\/[\w-]{43}\/$/) } });
    expect(first.headers['set-cookie']).toEqual([expect.stringMatching(COOKIE)]);
    expect(first.headers['set-cookie']?.[0]).toContain(`Path=${first.headers.location};`);
    const second = await get(path);
    expect([second.status, second.headers['set-cookie'], second.body]).toEqual([
      401,
      undefined,
      expect.stringContaining('keepalive ui'),
    ]);
  });

  test('works for a minute and not longer', async () => {
    const { get, link, turn } = await pageServer();
    const [early, late] = [link(), link()];
    turn(60_000);
    expect((await get(early)).status).toBe(303);
    turn(1);
    expect((await get(late)).status).toBe(401);
  });

  test.each(FOREIGN)('is refused to %s and works afterwards', async (_who, headers, method) => {
    const { get, link } = await pageServer();
    const path = link();
    const refused = await get(path, headers, method);
    expect([refused.status, refused.headers['set-cookie']]).toEqual([403, undefined]);
    expect((await get(path)).status).toBe(303);
  });

  test('is refused if it was never issued', async () => {
    const { get } = await pageServer();
    for (const path of ['/open/', '/open/x', `/open/${'A'.repeat(43)}`])
      expect([path, (await get(path)).status]).toEqual([path, 401]);
  });
});

/** Uses links in every wrong way and counts how often that gave access. `late` lets time pass. */
async function abuse(
  links: number,
  next: () => string,
  get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>,
  late: () => void,
) {
  const count = { 'second use': 0, 'concurrent use': 0, 'foreign use': 0, 'late use': 0 };
  for (let used = 0; used < links; used += 1) {
    const path = next();
    const foreign = await Promise.all(FOREIGN.map(([, headers, method]) => get(path, headers, method)));
    count['foreign use'] += foreign.filter(letsIn).length;
    const together = await Promise.all(Array.from({ length: 4 }, () => get(path)));
    count['concurrent use'] += together.filter(letsIn).length - 1;
    count['second use'] += letsIn(await get(path)) ? 1 : 0;
    const forgotten = next();
    late();
    count['late use'] += letsIn(await get(forgotten)) ? 1 : 0;
  }
  return count;
}

test('S10: a link that is misused many times lets in exactly one browser', async ({ annotate }) => {
  const { get, link, turn } = await pageServer();
  const links = times(20, 1_000);
  const count = await abuse(links, link, get, () => turn(60_001));
  expect(count).toEqual({ 'second use': 0, 'concurrent use': 0, 'foreign use': 0, 'late use': 0 });
  await annotate(
    `${2 * links} links: ${links} second uses, ${3 * links} concurrent uses, ` +
      `${FOREIGN.length * links} foreign uses, ${links} late uses: 0 let in`,
  );
});

test('S10 control: a link that stays valid lets all of them in', async ({ annotate }) => {
  const naive = await naiveServer();
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
    const { status, headers: given } = await fetch(`http://127.0.0.1:${naive.port}${path}`, {
      method,
      headers,
      redirect: 'manual',
    });
    return { status, headers: { 'set-cookie': given.getSetCookie() } };
  };
  const count = await abuse(
    1,
    () => '/open/any',
    get,
    () => undefined,
  );
  naive.stop();
  expect(count).toEqual({
    'second use': 1,
    'concurrent use': 3,
    'foreign use': FOREIGN.length,
    'late use': 1,
  });
  await annotate(
    `without the check ${Object.values(count).reduce((sum, one) => sum + one)} of ${5 + FOREIGN.length} get in`,
  );
});

describeInBrowser('S10: in a real browser', answeringFiles([{ id: 'acme', displayName: 'Acme' }]), shared => {
  /** What a script of our own page can read of the cookie, and what a server at another port or name receives of it. */
  async function exposureOf(context: BrowserContext, link: string) {
    const sent: (string | undefined)[] = [];
    const other = createServer(({ headers }, response) => {
      sent.push(headers.cookie);
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body>');
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const own = await context.newPage();
    await own.goto(link);
    const read = await own.evaluate(() => document.cookie);
    const page = await context.newPage();
    for (const host of ['127.0.0.1', 'localhost']) {
      await page.goto(`http://${host}:${port}/`);
      await page.evaluate(() =>
        Promise.all(['/', '/rpc', '/page/', '/open/x'].map(path => fetch(path, { credentials: 'include' }))),
      );
    }
    other.close();
    return { own, read, requests: sent.length, sent: sent.filter(Boolean).length };
  }

  test('the cookie is HttpOnly, SameSite=Strict and host-only: no script reads it, no other port gets it', async ({
    annotate,
  }) => {
    const context = await shared.browser.newContext();
    const { url } = await shared.daemon.client.request('page/open');
    const { own, read, requests, sent } = await exposureOf(context, url);
    await own.getByText('Live', { exact: true }).waitFor();
    const { pathname } = new URL(own.url());
    expect(await context.cookies()).toEqual([
      expect.objectContaining({
        name: 'keepalive',
        domain: '127.0.0.1',
        path: pathname,
        httpOnly: true,
        sameSite: 'Strict',
      }),
    ]);
    expect([read, sent]).toEqual(['', 0]);
    // Neither the link nor the page that it opened works in another browser.
    const later = await (await shared.browser.newContext()).newPage();
    for (const address of [url, own.url()]) expect((await later.goto(address))?.status()).toBe(401);
    await later.context().close();
    await context.close();
    await annotate(`sent in 0 of ${requests} requests to another port of 127.0.0.1 and of localhost`);
  });

  test('control: a cookie without these attributes is read by scripts and sent to every port', async () => {
    const naive = await naiveServer();
    const context = await shared.browser.newContext();
    const { read, requests, sent } = await exposureOf(context, `http://127.0.0.1:${naive.port}/open/any`);
    naive.stop();
    await context.close();
    expect([read, sent > 4, sent < requests]).toEqual(['keepalive=key', true, true]);
  });
});
