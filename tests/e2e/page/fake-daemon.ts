import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { newNonce, PROOF_PATH, proofOf } from '../../../sdk/client/proof.ts';
import type { ConfigView } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { FakeKernel, type Answers } from '../../plugins/ui-cli/fake-kernel.ts';

const BUILT = fileURLToPath(new URL('../../../dist/plugins/ui-web/page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** A kernel in memory with answers to all that the page asks. */
export const fakeKernel = (sessions: readonly Session[], answers: Answers = {}): FakeKernel =>
  new FakeKernel(sessions, {
    'session/history': () => [],
    'session/plan': () => [],
    'session/days': () => [],
    'tool/list': () => [],
    'notifier/list': () => [],
    'warmup/list': () => [],
    'config/show': () => configOf(sessions),
    ...answers,
  });

const configOf = (sessions: readonly Session[]): ConfigView => ({
  file: null,
  plugins: [],
  values: sessions.flatMap(({ id, policy }) =>
    Object.entries(policy).map(([key, value]) => ({ session: id, key, value, origin: 'default' as const })),
  ),
});

/** The key by which the page and this daemon recognize each other. */
const PAGE_KEY = { id: 'page', key: 'secret' };

/** The answer to a page that has the daemon prove itself. */
function proofFor(url: string, port: number): string {
  const clientNonce = new URL(url, 'http://127.0.0.1').searchParams.get('nonce') ?? '';
  const serverNonce = newNonce();
  return `${serverNonce}.${proofOf(PAGE_KEY.key, 'server', { port, clientNonce, serverNonce })}`;
}

/** Serves the page with this kernel behind it, until the test ends. Returns its address. */
export async function serveFake(kernel: FakeKernel): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/key') return response.end(JSON.stringify(PAGE_KEY));
    if (url.startsWith(`${PROOF_PATH}?`)) return response.end(proofFor(url, portOf(server)));
    const file = join(BUILT, url === '/' ? 'index.html' : url);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? '' }).end(readFileSync(file));
  });
  const sockets = new WebSocketServer({ server, path: '/rpc' });
  sockets.on('connection', socket => {
    const channel = kernel.channel();
    channel.onMessage(message => socket.send(JSON.stringify(message)));
    socket.on('message', data => channel.send(JSON.parse(String(data))));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}/`;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Opens the page with this kernel behind it. */
export async function visitFake(
  browser: Browser,
  kernel: FakeKernel,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  await page.goto(await serveFake(kernel));
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}
