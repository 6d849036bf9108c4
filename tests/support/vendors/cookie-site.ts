import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from '../running-test.ts';

export type CookieSite = {
  readonly url: string;
  readonly page: string;
  /** The cookies of every request. */
  readonly received: readonly (string | undefined)[];
  /** The current value of the session cookie. */
  readonly current: () => string;
  /** How the site answers from now on. */
  mode: 'rotate' | 'confirm' | 'out' | 'portal' | 'html-401' | 'busy' | 'broken' | 'forbidden';
};

const PAGE = '<!doctype html><title>Free Wi-Fi</title>';

/**
 * A site on loopback that rotates its session cookie at every use. A cookie lives for `lifeSeconds`. `/login` starts a
 * session.
 */
export async function cookieSite({
  lifeSeconds = 600,
  name = 'sid',
}: { readonly lifeSeconds?: number; readonly name?: string } = {}): Promise<CookieSite> {
  const received: (string | undefined)[] = [];
  let count = 0;
  const current = () => `CANARY-sid-${count}`;
  const setCookie = () => `${name}=${current()}; Max-Age=${lifeSeconds}; Path=/; HttpOnly`;

  function answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    const json = (status: number, body: object, more: Record<string, string | string[]> = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body));
    const html = (status: number, more = {}) =>
      void response.writeHead(status, { 'content-type': 'text/html', ...more }).end(PAGE);
    if (url === '/login')
      return html(200, { 'set-cookie': [setCookie(), 'theme=dark; Path=/', 'analytics=x1; Max-Age=30; Path=/'] });
    if (url !== '/api/session') return html(404);
    received.push(headers.cookie);
    switch (site.mode) {
      case 'portal':
        return html(302, { location: 'http://portal.test/login' });
      case 'html-401':
        return html(401);
      case 'busy':
        return json(429, {}, { 'retry-after': '90' });
      case 'broken':
        return json(503, {});
      case 'forbidden':
        return json(403, {});
      case 'out':
        return json(401, { error: 'signed out' }, { 'set-cookie': `${name}=; Max-Age=0; Path=/` });
      case 'confirm':
      case 'rotate':
        break;
    }
    if (!headers.cookie?.includes(`${name}=${current()}`)) return json(401, { error: 'no such session' });
    if (site.mode === 'confirm') return json(200, { user: { id: 7 } });
    count += 1;
    return json(200, { user: { id: 7 } }, { 'set-cookie': setCookie() });
  }

  const server = createServer(answer);
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: CookieSite = { url, page: `${url}/api/session`, received, current, mode: 'rotate' };
  return site;
}
