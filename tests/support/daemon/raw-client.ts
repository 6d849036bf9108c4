import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Endpoint } from '../../../sdk/contract/rpc.ts';
import { PLUGIN, sharedDaemon, type Daemon } from './daemon.ts';

export type RawRequest = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  readonly path?: string;
  readonly host?: string;
  /** [GET] */
  readonly method?: string;
  readonly body?: string;
};

/** Raw requests to a server of this machine. */
export const rawClient = (port: number) => ({
  /** The HTTP status that a handshake is refused with, or 101. */
  handshake({ headers = {}, protocols = [], path = '/rpc', host = '127.0.0.1' }: RawRequest): Promise<number> {
    const socket = new WebSocket(`ws://${host}:${port}${path}`, [...protocols], { headers: { ...headers } });
    return new Promise(resolve => {
      socket.on('open', () => (socket.close(), resolve(101)));
      socket.on('unexpected-response', (_request, response) => (response.resume(), resolve(response.statusCode ?? 0)));
      socket.on('error', () => undefined);
    });
  },

  /** Status and body of a plain request. */
  ask({
    headers = {},
    path = '/rpc',
    method = 'GET',
    body,
  }: RawRequest): Promise<readonly [number | undefined, string]> {
    return new Promise(resolve => {
      request({ port, host: '127.0.0.1', path, method, headers: { ...headers } }, response => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', chunk => void (text += chunk))
          .on('end', () => resolve([response.statusCode, text]));
      }).end(body);
    });
  },
});

type Entry = { readonly status: number; readonly path: string; readonly cookie: string; readonly setCookie: string };

/** A daemon for all tests of a file, with one session, these plugins and files in its home, and raw requests to it. */
export async function daemonWithRawClient(
  plugins: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
) {
  const config = { plugins: [['./mine.mjs', {}], ...plugins], policy: { minInterval: '100ms' } };
  const { daemon, end } = await sharedDaemon({
    'keepalive.config.json': JSON.stringify(config),
    'mine.mjs': PLUGIN,
    ...files,
  });
  const endpoint = await endpointOf(daemon);
  const port = Number(new URL(endpoint.url).port);
  return {
    daemon,
    endpoint,
    port,
    end,
    good: { authorization: `Bearer ${endpoint.token}` },
    ...rawClient(port),

    /** A connection that sends any request and returns the answers unchanged. */
    async talk() {
      const socket = new WebSocket(endpoint.url, { headers: { authorization: `Bearer ${endpoint.token}` } });
      await once(socket, 'open');
      const waiting = new Map<number, (answer: unknown) => void>();
      let last = 0;
      socket.on('message', data => {
        const answer: unknown = JSON.parse(String(data));
        if (typeof answer === 'object' && answer !== null && 'id' in answer) waiting.get(Number(answer.id))?.(answer);
      });
      return {
        ask: (method: string, params: unknown) =>
          new Promise<object>(resolve => {
            waiting.set((last += 1), answer => resolve(Object(answer)));
            socket.send(JSON.stringify({ jsonrpc: '2.0', id: last, method, params }));
          }),
        end: () => socket.close(),
      };
    },

    /** Uses a link to the page as a browser does. Returns its target and its cookie. */
    enter(link: string): Promise<Entry> {
      return new Promise(resolve => {
        request(link, response => {
          const [setCookie = ''] = response.resume().headers['set-cookie'] ?? [];
          resolve({
            status: response.statusCode ?? 0,
            path: response.headers.location ?? '',
            cookie: setCookie.split(';')[0] ?? '',
            setCookie,
          });
        }).end();
      });
    },
  };
}

export const endpointOf = async ({ client }: Pick<Daemon, 'client'>): Promise<Endpoint> =>
  JSON.parse(readFileSync(join((await client.request('kernel/info')).home, 'endpoint.json'), 'utf8'));
