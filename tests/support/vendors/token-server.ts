import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listen } from '../daemon/listen.ts';

export type Received = { readonly headers: IncomingHttpHeaders; readonly text: string; readonly token: string };

/** `isCutOff`: only half of the answer is sent, without a length. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
      readonly isCutOff?: boolean;
    }
  | 'hang up';

/** A token endpoint on loopback with answers from the test. Records its requests. */
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
  /** The lifetime of the first access token in seconds. Each later one lives a second longer. */
  readonly expiresIn?: number;
  /** Whether a repeated request gets the same answer, as from many vendors for a while. */
  readonly patient?: () => boolean;
  /** Runs between the rotation and the answer. */
  readonly pause?: () => Promise<unknown>;
  /** Changes the answer after the rotation. */
  readonly fate?: (answer: Reply) => Reply;
};

/** An endpoint that rotates tokens, and revokes the whole family when a used token comes back. */
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
