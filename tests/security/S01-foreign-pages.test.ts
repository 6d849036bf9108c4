import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ATTACKS, BLIND_ATTACKS, type Prey } from '../e2e/page/attacks.ts';
import { launchChromium, NO_CHROMIUM } from '../e2e/page/chromium.ts';
import { answeringFiles, enter, type Visit } from '../e2e/page/opened.ts';
import { sharedDaemon, untilSession, type Daemon } from '../support/daemon/daemon.ts';
import { endpointOf, daemonWithRawClient as openDoor, type RawRequest as Offer } from '../support/daemon/raw-client.ts';
import { IS_TORTURE } from '../support/runs.ts';
import { naiveServer as naiveDoor } from '../support/daemon/naive-listener.ts';

/** What a page could have done, if it were let. */
const ORDER = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session/pause', params: { id: 'acme' } });
const PAGE = '<!doctype html><title>stranger</title><body>';

/** A server of somebody else's that a page comes from, at any name; below `/sandbox` its page has no origin at all. */
async function stranger(): Promise<{ readonly server: Server; readonly port: number }> {
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

/** Where the page comes from, by the port of its own server and of the one that it tries. */
const ORIGINS: readonly (readonly [string, (own: number, prey: number) => string])[] = [
  ['another site', own => `http://evil.test:${own}/`],
  ['another port of this machine', own => `http://127.0.0.1:${own}/`],
  ['another port of localhost', own => `http://localhost:${own}/`],
  ['no origin at all', own => `http://evil.test:${own}/sandbox`],
  ['a name that has been made to lead here', (_own, prey) => `http://rebound.test:${prey}/`],
];

const ATTACK_LIMIT_MS = 10_000;

/** How a page names us: by our address, or by its own name that leads to us. */
const preyOf = (address: string, port: number): string =>
  `http://${address.includes('rebound') ? 'rebound.test' : '127.0.0.1'}:${port}`;

describe.skipIf(NO_CHROMIUM)(`S1: in a real browser${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
  let browser: Browser;
  let daemon: Daemon;
  let end: (() => Promise<void>) | undefined;
  let own: Visit;
  let other: Awaited<ReturnType<typeof stranger>>;
  let naive: Awaited<ReturnType<typeof naiveDoor>>;

  beforeAll(async () => {
    [browser, other, naive, { daemon, end }] = await Promise.all([
      launchChromium(),
      stranger(),
      naiveDoor(),
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

  /** A page of a stranger's in the browser that has our page open and our cookie. */
  async function strangeAt(address: string): Promise<Page> {
    const page = await own.page.context().newPage();
    onTestFinished(() => page.close());
    // As it was before its name was made to lead to us: from the stranger's server.
    if (address.includes('rebound'))
      await page.route(address, route => route.fulfill({ contentType: 'text/html', body: PAGE }), { times: 1 });
    await page.goto(address);
    return page;
  }

  /** Tries everything, and gives the ways that got something, and the statuses of all answers. */
  async function tryAll(page: Page, port: number, urls: readonly string[], token: string) {
    const statuses: number[] = [];
    page.on(
      'response',
      response => void (new URL(response.url()).port === String(port) && statuses.push(response.status())),
    );
    const preys = urls.map((url): Prey => ({ url, token, order: ORDER }));
    const got = await Promise.all(
      Object.entries({ ...ATTACKS, ...BLIND_ATTACKS }).map(async ([way, attack]) => {
        // What a browser blocks by itself may never settle.
        const answers = await Promise.all(
          preys.map(prey =>
            Promise.race([page.evaluate(attack, prey), page.waitForTimeout(ATTACK_LIMIT_MS).then(() => false)]),
          ),
        );
        return answers.some(Boolean) ? [way] : [];
      }),
    );
    return { got: got.flat(), statuses, tries: preys.length * got.length };
  }

  test.for(ORIGINS)(
    'a page of %s gets nothing, though it knows the token, the path of our page, and a link',
    async ([what, addressOf], { annotate }) => {
      const { token, url } = await endpointOf(daemon);
      const port = Number(new URL(url).port);
      const { url: link } = await daemon.client.request('page/open');
      const before = [
        await daemon.client.request('session/list'),
        (await daemon.client.request('kernel/info')).clients,
      ];
      const page = await strangeAt(addressOf(other.port, port));
      const script = await own.page.locator('script').evaluate(element => (element as HTMLScriptElement).src);
      const { pathname: path } = new URL(own.page.url());
      const prey = preyOf(addressOf(other.port, port), port);
      const most = [`/rpc?token=${token}`, `${path}rpc`, new URL(link).pathname, `/proof?nonce=${'A'.repeat(43)}`].map(
        to => prey + to,
      );
      const others = [
        ...['/', '/rpc', path, new URL(script).pathname, `/${token}`, `/rpc?access_token=${token}`].map(
          to => prey + to,
        ),
        `http://localhost:${port}/rpc`,
        `http://keepalive:${token}@127.0.0.1:${port}/rpc`,
      ];
      const { got, statuses, tries } = await tryAll(page, port, IS_TORTURE ? [...most, ...others] : most, token);

      expect([got, statuses.filter(status => status < 400)]).toEqual([[], []]);
      expect(statuses.length).toBeGreaterThan(10);
      // Nothing was done either, and the link is still good.
      expect([
        await daemon.client.request('session/list'),
        (await daemon.client.request('kernel/info')).clients,
      ]).toEqual(before);
      const person = await browser.newContext();
      const visited = await person.newPage();
      await visited.goto(link);
      await visited.getByText('Live', { exact: true }).waitFor();
      await person.close();
      await annotate(
        `${what}: ${tries} tries, ${statuses.length} answers of ${[...new Set(statuses)].toSorted().join(', ')}, 0 got anything`,
      );
    },
  );

  test.for(ORIGINS)(
    'the control: from %s, each of these ways gets something of a server that takes loopback for a boundary',
    async ([what, addressOf], { annotate }) => {
      const page = await strangeAt(addressOf(other.port, naive.port));
      const acted = naive.acted.length;
      const { got, statuses } = await tryAll(
        page,
        naive.port,
        [`${preyOf(addressOf(other.port, naive.port), naive.port)}/rpc`],
        'any',
      );
      expect(got).toEqual(Object.keys(ATTACKS));
      expect(statuses.filter(status => status >= 400)).toEqual([]);
      await expect.poll(() => naive.acted.length - acted).toBe(3);
      await annotate(
        `${what}: ${got.length} of ${Object.keys(ATTACKS).length} ways got something, and 3 orders were carried out`,
      );
    },
  );

  test('no frame of ours is shown with a copy of our own page around it', async () => {
    await own.page.evaluate(
      () => void document.body.append(Object.assign(document.createElement('iframe'), { src: location.href })),
    );
    await expect.poll(() => own.complaints.join()).toMatch(/frame/i);
  });
});

/** What browsers send for a page that they show, old ones and new ones, by the path that it is sent to: with all that a stranger could know. */
const SENT: readonly (readonly [string, Omit<Offer, 'path'>])[] = [
  [
    'a form of another site',
    {
      method: 'POST',
      body: ORDER,
      headers: { origin: 'http://evil.test', 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' },
    },
  ],
  [
    'a form of another port',
    {
      method: 'POST',
      body: ORDER,
      headers: { origin: 'http://127.0.0.1:1', 'content-type': 'text/plain', 'sec-fetch-site': 'same-site' },
    },
  ],
  [
    'a form of a page without an origin',
    { method: 'POST', body: ORDER, headers: { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' } },
  ],
  [
    'a form, from a browser that says nothing of origins',
    { method: 'POST', body: ORDER, headers: { 'content-type': 'text/plain' } },
  ],
  [
    'the question before a fetch',
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

describe('S1: without a browser, what browsers send', () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  let naive: Awaited<ReturnType<typeof naiveDoor>>;
  beforeAll(async () => {
    [door, naive] = await Promise.all([openDoor(['ui-web']), naiveDoor()]);
    // Its first attempt would change the list of sessions.
    await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
  });
  afterAll(async () => {
    await door.end();
    naive.stop();
  });

  test.each(SENT)('%s is refused, and does nothing', async (_what, sent) => {
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
    'a WebSocket of %s with the right token and the right cookie is refused',
    async origin => {
      const { cookie } = await door.enter((await door.daemon.client.request('page/open')).url);
      const protocols = ['keepalive.v1', `bearer.${door.endpoint.token}`];
      for (const offer of [{ protocols }, { headers: door.good }, {}])
        expect(await door.handshake({ ...offer, headers: { ...offer.headers, origin, cookie } })).toBe(403);
    },
  );

  test.each(SENT)(
    'the control: %s is served by a server that takes loopback for a boundary',
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
