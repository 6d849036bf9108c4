import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ATTACKS, BLIND_ATTACKS, type Target } from '../e2e/page/attacks.ts';
import { launchChromium, NO_CHROMIUM } from '../e2e/page/chromium.ts';
import { answeringFiles, enter, type Visit } from '../e2e/page/opened.ts';
import { sharedDaemon, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { endpointOf, daemonWithRawClient, type RawRequest as Offer } from '../support/daemon/raw-client.ts';
import { IS_TORTURE } from '../support/runs.ts';
import { naiveServer } from '../support/daemon/naive-listener.ts';

/** A request that a page would send if it had access. */
const REQUEST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session/pause', params: { id: 'acme' } });
const PAGE = '<!doctype html><title>other site</title><body>';

/** A foreign server for pages under any host name. Pages below `/sandbox` have no origin. */
async function foreignServer(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(({ url }, response) => {
    response
      .writeHead(200, {
        'content-type': 'text/html',
        ...(url === '/sandbox' && { 'content-security-policy': 'sandbox allow-scripts allow-forms' }),
      })
      .end(PAGE);
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** The address of the page, by the port of its own server and of the target. */
const ORIGINS: readonly (readonly [string, (own: number, target: number) => string])[] = [
  ['another site', own => `http://evil.test:${own}/`],
  ['another port of this machine', own => `http://127.0.0.1:${own}/`],
  ['another port of localhost', own => `http://localhost:${own}/`],
  ['a sandbox without an origin', own => `http://evil.test:${own}/sandbox`],
  ['a rebound name', (_own, target) => `http://rebound.test:${target}/`],
];

const ATTACK_TIMEOUT_MS = 10_000;

/** How a page addresses the daemon: by its address, or by the page's own name, which resolves to it. */
const targetOf = (address: string, port: number): string =>
  `http://${address.includes('rebound') ? 'rebound.test' : '127.0.0.1'}:${port}`;

describe.skipIf(NO_CHROMIUM)(`S1: in a real browser${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  let daemon: Daemon;
  let end: (() => Promise<void>) | undefined;
  let own: Visit;
  let other: Awaited<ReturnType<typeof foreignServer>>;
  let naive: Awaited<ReturnType<typeof naiveServer>>;

  beforeAll(async () => {
    [browser, other, naive, { daemon, end }] = await Promise.all([
      launchChromium(),
      foreignServer(),
      naiveServer(),
      sharedDaemon(answeringFiles([{ id: 'acme', displayName: 'Acme' }])),
    ]);
    own = await enter(await browser.newContext(), daemon.client);
    await untilSession(daemon, 'acme', ({ state }) => state.name === 'alive');
  });
  afterAll(async () => {
    await browser.close();
    await end?.();
    other.server.close();
    naive.stop();
  });

  /** A foreign page in the browser that has the settings page open and its cookie. */
  async function openForeignPage(address: string): Promise<Page> {
    const page = await own.page.context().newPage();
    onTestFinished(() => page.close());
    // Before the name was rebound, the page came from the foreign server.
    if (address.includes('rebound'))
      await page.route(address, route => route.fulfill({ contentType: 'text/html', body: PAGE }), { times: 1 });
    await page.goto(address);
    return page;
  }

  /** Runs all attacks. Returns those that succeeded and the statuses of all answers. */
  async function tryAll(page: Page, port: number, urls: readonly string[], token: string) {
    const statuses: number[] = [];
    page.on(
      'response',
      response => void (new URL(response.url()).port === String(port) && statuses.push(response.status())),
    );
    const targets = urls.map((url): Target => ({ url, token, order: REQUEST }));
    const succeeded = await Promise.all(
      Object.entries({ ...ATTACKS, ...BLIND_ATTACKS }).map(async ([name, attack]) => {
        // An attack that the browser itself blocks may never settle.
        const answers = await Promise.all(
          targets.map(target =>
            Promise.race([page.evaluate(attack, target), page.waitForTimeout(ATTACK_TIMEOUT_MS).then(() => false)]),
          ),
        );
        return answers.some(Boolean) ? [name] : [];
      }),
    );
    return { succeeded: succeeded.flat(), statuses, tries: targets.length * succeeded.length };
  }

  test.for(ORIGINS)(
    'a page from %s gets nothing, even with the token, the path of the settings page and a link',
    async ([what, addressOf], { annotate }) => {
      const { token, url } = await endpointOf(daemon);
      const port = Number(new URL(url).port);
      const { url: link } = await daemon.client.request('page/open');
      const before = [
        await daemon.client.request('session/list'),
        (await daemon.client.request('kernel/info')).clients,
      ];
      const page = await openForeignPage(addressOf(other.port, port));
      const script = await own.page.locator('script').evaluate(element => (element as HTMLScriptElement).src);
      const { pathname: path } = new URL(own.page.url());
      const target = targetOf(addressOf(other.port, port), port);
      const most = [`/rpc?token=${token}`, `${path}rpc`, new URL(link).pathname, `/proof?nonce=${'A'.repeat(43)}`].map(
        to => target + to,
      );
      const others = [
        ...['/', '/rpc', path, new URL(script).pathname, `/${token}`, `/rpc?access_token=${token}`].map(
          to => target + to,
        ),
        `http://localhost:${port}/rpc`,
        `http://keepalive:${token}@127.0.0.1:${port}/rpc`,
      ];
      const { succeeded, statuses, tries } = await tryAll(page, port, IS_TORTURE ? [...most, ...others] : most, token);

      expect([succeeded, statuses.filter(status => status < 400)]).toEqual([[], []]);
      expect(statuses.length).toBeGreaterThan(10);
      // No request was carried out, and the link still works.
      expect([
        await daemon.client.request('session/list'),
        (await daemon.client.request('kernel/info')).clients,
      ]).toEqual(before);
      const userContext = await browser.newContext();
      const visited = await userContext.newPage();
      await visited.goto(link);
      await visited.getByText('Live', { exact: true }).waitFor();
      await userContext.close();
      await annotate(
        `${what}: ${tries} tries, ${statuses.length} answers ` +
          `(${[...new Set(statuses)].toSorted().join(', ')}), 0 succeeded`,
      );
    },
  );

  test.for(ORIGINS)(
    'control: from %s, every attack succeeds at a server that trusts loopback',
    async ([what, addressOf], { annotate }) => {
      const page = await openForeignPage(addressOf(other.port, naive.port));
      const acted = naive.acted.length;
      const { succeeded, statuses } = await tryAll(
        page,
        naive.port,
        [`${targetOf(addressOf(other.port, naive.port), naive.port)}/rpc`],
        'any',
      );
      expect(succeeded).toEqual(Object.keys(ATTACKS));
      expect(statuses.filter(status => status >= 400)).toEqual([]);
      await expect.poll(() => naive.acted.length - acted).toBe(3);
      await annotate(
        `${what}: ${succeeded.length} of ${Object.keys(ATTACKS).length} attacks succeeded, ` +
          'and 3 requests were carried out',
      );
    },
  );

  test('the settings page cannot be framed, even by itself', async () => {
    await own.page.evaluate(
      () => void document.body.append(Object.assign(document.createElement('iframe'), { src: location.href })),
    );
    await expect.poll(() => own.complaints.join()).toMatch(/frame/i);
  });
});

/** What old and new browsers send for a foreign page that knows all secrets. */
const SENT: readonly (readonly [string, Omit<Offer, 'path'>])[] = [
  [
    'a form of another site',
    {
      method: 'POST',
      body: REQUEST,
      headers: { origin: 'http://evil.test', 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' },
    },
  ],
  [
    'a form of another port',
    {
      method: 'POST',
      body: REQUEST,
      headers: { origin: 'http://127.0.0.1:1', 'content-type': 'text/plain', 'sec-fetch-site': 'same-site' },
    },
  ],
  [
    'a form of a page without an origin',
    { method: 'POST', body: REQUEST, headers: { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' } },
  ],
  [
    'a form from a browser that sends no origin',
    { method: 'POST', body: REQUEST, headers: { 'content-type': 'text/plain' } },
  ],
  [
    'JSON from another site',
    {
      method: 'POST',
      body: REQUEST,
      headers: { origin: 'http://evil.test', 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
    },
  ],
  [
    'JSON from another port',
    { method: 'POST', body: REQUEST, headers: { origin: 'http://127.0.0.1:1', 'content-type': 'application/json' } },
  ],
  [
    'JSON from a browser that sends no origin',
    { method: 'POST', body: REQUEST, headers: { 'content-type': 'application/json' } },
  ],
  [
    'the preflight of a fetch',
    {
      method: 'OPTIONS',
      headers: {
        origin: 'http://evil.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    },
  ],
  ['a fetch', { headers: { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' } }],
  [
    'an EventSource',
    { headers: { origin: 'http://127.0.0.1:1', accept: 'text/event-stream', 'sec-fetch-site': 'same-site' } },
  ],
  [
    'a picture of another site',
    { headers: { accept: 'image/*', 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' } },
  ],
  ['a script of another port', { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'script' } }],
  [
    'a frame of another port',
    { headers: { accept: 'text/html', 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' } },
  ],
];

describe('S1: without a browser, by requests as browsers send them', () => {
  let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
  let naive: Awaited<ReturnType<typeof naiveServer>>;
  beforeAll(async () => {
    [door, naive] = await Promise.all([daemonWithRawClient(['ui-web']), naiveServer()]);
    // The first attempt of the session would change the list.
    await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
  });
  afterAll(async () => {
    await door.end();
    naive.stop();
  });

  test.each(SENT)('%s is refused and has no effect', async (_what, sent) => {
    const { url } = await door.daemon.client.request('page/open');
    const { path, cookie } = await door.enter(url);
    const before = await door.daemon.client.request('session/list');
    for (const to of ['/rpc', `/rpc?token=${door.endpoint.token}`, path, `${path}rpc`]) {
      const [status = 0] = await door.ask({ ...sent, path: to, headers: { ...sent.headers, cookie } });
      expect([to, status >= 400]).toEqual([to, true]);
    }
    expect(await door.daemon.client.request('session/list')).toEqual(before);
  });

  test.each(['http://evil.test', 'http://127.0.0.1:1', 'null'])(
    'a WebSocket from %s with a valid token and cookie is refused',
    async origin => {
      const { cookie } = await door.enter((await door.daemon.client.request('page/open')).url);
      const protocols = ['keepalive.v1', `bearer.${door.endpoint.token}`];
      for (const offer of [{ protocols }, { headers: door.good }, {}])
        expect(await door.handshake({ ...offer, headers: { ...offer.headers, origin, cookie } })).toBe(403);
    },
  );

  test.each(SENT)(
    'control: %s is served by a server that trusts loopback',
    async (_what, { method = 'GET', headers = {}, body }) => {
      const acted = naive.acted.length;
      const { status } = await fetch(`http://127.0.0.1:${naive.port}/rpc`, {
        method,
        headers: { ...headers },
        ...(body !== undefined && { body }),
      });
      expect([status < 400, naive.acted.length - acted]).toEqual([true, body === undefined ? 0 : 1]);
    },
  );
});
