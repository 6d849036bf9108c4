import { createServer, type RequestListener } from 'node:http';
import { claudeServer } from '../vendors/claude-server.ts';
import { codexServer } from '../vendors/codex-server.ts';
import { cookieSite } from '../vendors/cookie-site.ts';
import { googleServer } from '../vendors/google-server.ts';
import { listen } from '../daemon/listen.ts';
import { tokenServer } from '../vendors/token-server.ts';
import { findVendorProgram } from '../vendors/vendor-program.ts';
import { vendorProxy } from '../vendors/vendor-proxy.ts';

const HOSTS = [
  'platform.claude.com',
  'api.anthropic.com',
  'claude.ai',
  'mcp-proxy.anthropic.com',
  'oauth2.googleapis.com',
  'www.googleapis.com',
  'cloudcode-pa.googleapis.com',
  'play.googleapis.com',
  'app.augmentcode.com',
  'api2.cursor.sh',
  'auth.x.ai',
];

/** Every vendor, on loopback. Those whose name ends with `broken` echo what they receive. */
export async function canaryVendors(email: string) {
  const [codex, claude, site] = [await codexServer(), await claudeServer(), await cookieSite()];
  const google = googleServer('serves');
  let visits = 0;
  const augment: RequestListener = (request, response) => {
    visits += 1;
    const setCookie = `session=CANARY-augment-sid-${visits}; Max-Age=86400; Path=/; Secure; HttpOnly`;
    request
      .resume()
      .on('end', () =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': setCookie })
          .end(JSON.stringify({ user: { email } })),
      );
  };
  const echo =
    (status: number): RequestListener =>
    async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      response
        .writeHead(status, { 'content-type': 'application/json', 'set-cookie': 'sid=CANARY-echoed' })
        .end(JSON.stringify({ error: 'teapot', said: [request.url, request.headers, text, email] }));
    };
  const byHost: RequestListener = (request, response) => {
    const host = request.headers.host ?? '';
    if (host.includes('googleapis')) google.handle(request, response);
    else if (host.startsWith('app.augmentcode')) augment(request, response);
    else if (host.startsWith('api2.cursor') || host === 'auth.x.ai') response.writeHead(404).end();
    else void claude.handle(request, response);
  };
  const noticed: string[] = [];
  const hook = await listen(
    createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      noticed.push(text);
      response.end();
    }),
  );
  return {
    codex,
    claude,
    site,
    hook,
    noticed: noticed as readonly string[],
    good: await tokenServer((_asked, count) => ({
      body: {
        access_token: `CANARY-access-${count}`,
        refresh_token: `CANARY-refresh-${count}`,
        token_type: 'bearer',
        expires_in: 3_600,
      },
    })),
    broken: await tokenServer(({ token }) => ({
      status: 418,
      body: { error: 'teapot', error_description: `the token ${token} of ${email}` },
    })),
    teapot: await listen(createServer(echo(418))),
    refusing: await listen(createServer(echo(401))),
    /** Maps the real addresses of vendors to these servers; undefined if no certificate can be made. */
    proxy: findVendorProgram('openssl') === undefined ? undefined : await vendorProxy(HOSTS, byHost),
    visits: () => visits,
  };
}

export type CanaryVendors = Awaited<ReturnType<typeof canaryVendors>>;
