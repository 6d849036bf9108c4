import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sharedDaemon, type Daemon } from '../../support/daemon.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { answeringFiles, enter, type Visit } from './opened.ts';

/** Another server of this machine, that a page came from which is open in the same browser. It keeps what it is sent. */
async function stranger(): Promise<{ readonly server: Server; readonly url: string; readonly cookies: string[] }> {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    cookies.push(request.headers.cookie ?? '');
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>stranger</title><body>');
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, cookies };
}

describe.skipIf(NO_CHROMIUM)(`a stranger's page${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  let other: Awaited<ReturnType<typeof stranger>>;
  let daemon: Daemon;
  let end: (() => Promise<void>) | undefined;
  let own: Visit;
  let page: Page;
  let target: { readonly host: string; readonly page: string; readonly script: string };

  beforeAll(async () => {
    browser = await launchChromium();
    ({ daemon, end } = await sharedDaemon(answeringFiles([{ id: 'acme', displayName: 'Acme' }])));
    own = await enter(await browser.newContext(), daemon.client);
    other = await stranger();
    target = { host: new URL(own.page.url()).host, page: own.page.url(), script: await own.page.locator('script').evaluate(script => (script as HTMLScriptElement).src) };
  });
  afterAll(async () => {
    await browser.close();
    await end?.();
    other.server.close();
  });
  beforeEach(async () => {
    // The same browser, with our cookie in it; and it even knows the page's path.
    page = await own.page.context().newPage();
    await page.goto(other.url);
  });
  afterEach(() => page.close());

  /** Statuses of what our server was asked for from the stranger's page. */
  const answers = (): (readonly [string, number])[] => {
    const seen: (readonly [string, number])[] = [];
    page.on('response', response => void (response.url().includes(target.host) && seen.push([response.request().resourceType(), response.status()])));
    return seen;
  };

  test('is not sent the cookie, not even by loading from everywhere on its own', async () => {
    await page.evaluate(async () => {
      await Promise.all(['/', '/rpc', '/page/', '/open/x'].map(path => fetch(path, { credentials: 'include' })));
    });
    expect([other.cookies.length > 4, new Set(other.cookies)]).toEqual([true, new Set([''])]);
  });

  test.each<[string, (url: string) => Promise<string>]>([
    ['fetch', url => fetch(url, { credentials: 'include' }).then(() => 'got', () => 'nothing')],
    ['fetch without an answer', url => fetch(url, { credentials: 'include', mode: 'no-cors' }).then(async response => (await response.text() ? 'got' : 'nothing'), () => 'nothing')],
    ['a script tag', url => new Promise(resolve => {
      const script = Object.assign(document.createElement('script'), { src: url, onload: () => resolve('got'), onerror: () => resolve('nothing') });
      document.body.append(script);
    })],
    ['a picture', url => new Promise(resolve => {
      const picture = Object.assign(new Image(), { src: url, onload: () => resolve('got'), onerror: () => resolve('nothing') });
      document.body.append(picture);
    })],
    ['a style sheet', url => new Promise(resolve => {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url, onload: () => resolve('got'), onerror: () => resolve('nothing') });
      document.head.append(link);
    })],
    ['EventSource', url => new Promise(resolve => {
      const source = new EventSource(url, { withCredentials: true });
      source.addEventListener('open', () => resolve('got'));
      source.addEventListener('error', () => (source.close(), resolve('nothing')));
    })],
    ['WebSocket', url => new Promise(resolve => {
      const socket = new WebSocket(url.replace('http', 'ws'), 'keepalive.v1');
      socket.addEventListener('open', () => resolve('got'));
      socket.addEventListener('error', () => resolve('nothing'));
    })],
    ['WebSocket to the API', url => new Promise(resolve => {
      const socket = new WebSocket(`ws://${new URL(url).host}/rpc`, 'keepalive.v1');
      socket.addEventListener('open', () => resolve('got'));
      socket.addEventListener('error', () => resolve('nothing'));
    })],
  ])('gets nothing by %s', async (_how, attack) => {
    for (const url of [target.page, target.script, `${target.page}rpc`, `http://${target.host}/rpc`]) expect([url, await page.evaluate(attack, url)]).toEqual([url, 'nothing']);
  });

  test('gets nothing by a form', async () => {
    const seen = answers();
    await page.evaluate(url => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
      document.body.append(form);
      form.submit();
    }, target.page);
    await expect.poll(() => seen).toEqual([['document', 403]]);
  });

  test('frames nothing', async () => {
    const seen = answers();
    await page.evaluate(url => void document.body.append(Object.assign(document.createElement('iframe'), { src: url })), target.page);
    await expect.poll(() => seen).toEqual([['document', 403]]);
  });

  test('leads nobody in by a link, and does not use it up by trying', async () => {
    const { url } = await daemon.client.request('page/open');
    const seen = answers();
    await page.evaluate(to => void (location.href = to), url);
    await expect.poll(() => seen).toEqual([['document', 403]]);
    const person = await (await browser.newContext()).newPage();
    await person.goto(url);
    await person.getByText('Live', { exact: true }).waitFor();
    await person.context().close();
  });

  test('gets no frame of ours with a copy of our own page around it', async () => {
    await own.page.evaluate(() => void document.body.append(Object.assign(document.createElement('iframe'), { src: location.href })));
    await expect.poll(() => own.complaints.join()).toMatch(/frame/i);
  });
});
