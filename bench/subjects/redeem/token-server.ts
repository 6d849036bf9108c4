import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A token endpoint in its own process. It rotates: each answer has a new refresh token, and the former one is refused.

const text = (bytes: number): string => randomBytes(bytes).toString('base64url');
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** As long as the access tokens of vendors. */
function jwt(): string {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const claims = { iss: 'bench', sub: text(24), exp, scope: 'openid profile email offline_access', more: text(300) };
  return [encoded({ alg: 'RS256', typ: 'JWT', kid: text(24) }), encoded(claims), text(256)].join('.');
}

let current = process.argv[2] ?? '';

const server = createServer(async (request, response) => {
  let form = '';
  for await (const chunk of request.setEncoding('utf8')) form += chunk;
  response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store');
  if (new URLSearchParams(form).get('refresh_token') !== current) {
    response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }));
    return;
  }
  current = text(64);
  response.end(
    JSON.stringify({
      token_type: 'bearer',
      access_token: jwt(),
      refresh_token: current,
      expires_in: 3_600,
      scope: 'openid profile email offline_access',
    }),
  );
});

// Both sides keep their connection from one renewal to the next.
server.keepAliveTimeout = 60_000;
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}/token`);
});
