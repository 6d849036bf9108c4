import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listen } from '../daemon/listen.ts';

export type Received = { readonly headers: IncomingHttpHeaders; readonly text: string; readonly token: string };

/** `isCutOff`: half of it comes, and nothing tells that there was more. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
      readonly isCutOff?: boolean;
    }
  | 'hang up';

/** A token endpoint on loopback that answers what the test says, and remembers what it was asked. */
export async function tokenServer(answer: (received: Received, count: number) => Reply | Promise<Reply>) {
  const received: Received[] = [];
  const origin = await listen(
    createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      const json = request.headers['content-type']?.includes('json');
      const body: Record<string, string> = json ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
      const asked = { headers: request.headers, text, token: body['refresh_token'] ?? '' };
      received.push(asked);
      const reply = await answer(asked, received.length);
      if (reply === 'hang up') return void request.socket.destroy();
      const whole = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
      if (reply.isCutOff)
        return void request.socket.end(
          `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${whole.slice(0, whole.length / 2)}`,
        );
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(whole);
    }),
  );
  return { url: `${origin}/token`, received };
}

type Rotating = {
  /** Of the first access token, in seconds; each lasts a second longer than the one before, however fast they follow. */
  readonly expiresIn?: number;
  /** Whether it answers a repeated request like the one before, as many vendors do for a while. */
  readonly patient?: () => boolean;
  /** Between the rotation and its answer. */
  readonly pause?: () => Promise<unknown>;
  /** What becomes of an answer once the token has been rotated for it. */
  readonly fate?: (answer: Reply) => Reply;
};

/** An endpoint that rotates, and revokes the whole family when a spent token comes back. */
export async function rotatingServer({
  expiresIn = 3_600,
  patient = () => false,
  pause,
  fate = answer => answer,
}: Rotating = {}) {
  let revoked = false;
  let count = 0;
  const server = await tokenServer(async ({ token }) => {
    const isRepeated = patient() && token === `refresh-${count - 1}`;
    revoked ||= token !== `refresh-${count}` && !isRepeated;
    if (revoked) return { status: 400, body: { error: 'invalid_grant' } };
    if (!isRepeated) count += 1;
    const body = {
      access_token: `access-${count}`,
      refresh_token: `refresh-${count}`,
      token_type: 'bearer',
      expires_in: expiresIn + count - 1,
    };
    await pause?.();
    return fate({ body });
  });
  return { ...server, isRevoked: () => revoked, current: () => `refresh-${count}` };
}
