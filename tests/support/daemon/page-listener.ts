import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { silentLog } from '../../../runtime/log/log.ts';
import { AuthThrottle } from '../../../server/limits.ts';
import { listen } from '../../../server/listener.ts';
import type { KeptPages } from '../../../server/kept-pages.ts';
import { Pages } from '../../../server/pages.ts';
import { onTestFinished } from '../running-test.ts';

export const PAGE_FILES = new Map([
  ['index.html', { type: 'text/html', body: Buffer.from('<p>page') }],
  ['a/b.js', { type: 'text/javascript', body: Buffer.from('1') }],
]);
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

/** A listener that serves a page, with a clock that the test controls. */
export async function pageServer(
  read = async () => PAGE_FILES as ReadonlyMap<string, { type: string; body: Uint8Array }>,
  { kept, preferred, at = 1_000_000 }: { kept?: KeptPages; preferred?: number | undefined; at?: number } = {},
) {
  let now = at;
  const reused: number[] = [];
  const pages = new Pages(silentLog(), { now: () => now, onReused: () => void reused.push(now), kept });
  const unserve = pages.serve('ui-web', read);
  const channels: unknown[] = [];
  const { port, stop } = await listen(
    0,
    { token: 'token', readToken: 'read' },
    {
      answer: async () => undefined,
      preferred,
      onChannel: channel => void channels.push(channel),
      onGarbage: () => undefined,
      pages,
      throttle: new AuthThrottle(() => undefined),
    },
  );
  onTestFinished(async () => {
    await stop();
    // It may still be writing its file.
    await pages.stop();
  });
  const origin = `http://127.0.0.1:${port}`;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
    new Promise<Answer>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers }, response => {
        let body = '';
        response
          .setEncoding('utf8')
          .on('data', chunk => void (body += chunk))
          .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      })
        .on('error', reject)
        .end(body);
    });
  const link = () => pages.open(origin).slice(origin.length);
  const enter = async () => {
    const { headers } = await get(link());
    const [cookie = ''] = headers['set-cookie'] ?? [];
    return { path: headers.location ?? '', cookie: cookie.split(';')[0] ?? '' };
  };
  /** An open connection of a page. `closed` resolves with its close code. */
  const stay = async (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'keepalive.v1', { headers });
    await once(socket, 'open');
    return { closed: once(socket, 'close').then(([code]: number[]) => code), say: (text: string) => socket.send(text) };
  };
  const connect = (path: string, headers: Record<string, string>, proof?: string) =>
    new Promise<number>(resolve => {
      const protocols = ['keepalive.v1', ...(proof === undefined ? [] : [`page.${proof}`])];
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
      socket.on('open', () => (socket.close(), resolve(101)));
      socket.on('unexpected-response', (_request, response) => (response.resume(), resolve(response.statusCode ?? 0)));
      socket.on('error', () => undefined);
    });
  return {
    port,
    stop,
    get,
    link,
    enter,
    connect,
    stay,
    origin,
    unserve,
    pages,
    reused,
    turn: (ms: number) => void (now += ms),
  };
}
