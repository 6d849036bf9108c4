import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { claudeServer, GREETING } from './claude-server.ts';

type Headers = Readonly<Record<string, string>>;

/** How a prompt is answered. `text` is what is streamed of an answer, and the message of a refusal. */
export type Reply =
  | { readonly status: number; readonly headers?: Headers; readonly text?: string; readonly type?: string }
  /** The connection ends without a byte. */
  | 'hang-up'
  /** The connection ends in the midst of a sentence. */
  | 'cut';

export type Prompt = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** The vendor's API on loopback, which counts prompts. They get these replies in order, and then always the last. */
export async function claudeApi(...replies: readonly [Reply, ...Reply[]]) {
  const server = await claudeServer();
  const prompts: Prompt[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url?.startsWith('/v1/messages')) return server.handle(request, response);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    prompts.push({ headers: request.headers, body });
    give(replies[Math.min(prompts.length, replies.length) - 1] ?? replies[0], request, response);
  }

  return { ...server, handle, prompts: prompts as readonly Prompt[] };
}

function give(reply: Reply, { socket }: IncomingMessage, response: ServerResponse): void {
  if (reply === 'hang-up') return void socket.destroy();
  if (reply === 'cut') {
    response.writeHead(200, STREAM).write(HALF, () => socket.destroy());
    return;
  }
  const { status, headers, text = GREETING, type = 'invalid_request_error' } = reply;
  if (status === 200) return void response.writeHead(200, { ...STREAM, ...headers }).end(text);
  const error = JSON.stringify({ type: 'error', error: { type, message: text } });
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(error);
}

const STREAM = { 'content-type': 'text/event-stream' };
const HALF = GREETING.slice(0, GREETING.indexOf('event: content_block_stop'));

/** An answer in which the model declines. */
export const DECLINED = GREETING.replace('end_turn', 'refusal');

const PREFIX = 'anthropic-ratelimit-unified';

/** A window as the API states it: a share from 0 to 1, and seconds since the epoch. */
type Stated = { readonly used: number | string; readonly resetsAt: number | string };

/** The headers in which the API states the windows. `refused` is the one that is used up. */
export function limitHeaders(short: Stated, week: Stated, refused?: '5h' | '7d'): Headers {
  const statusOf = (name: string) => (name === refused ? 'rejected' : 'allowed');
  const stated = (name: string, { used, resetsAt }: Stated) => ({
    [`${PREFIX}-${name}-status`]: statusOf(name),
    [`${PREFIX}-${name}-utilization`]: String(used),
    [`${PREFIX}-${name}-reset`]: String(resetsAt),
  });
  return {
    [`${PREFIX}-status`]: refused ? 'rejected' : 'allowed',
    [`${PREFIX}-reset`]: String((refused === '7d' ? week : short).resetsAt),
    [`${PREFIX}-representative-claim`]: refused === '7d' ? 'seven_day' : 'five_hour',
    ...stated('5h', short),
    ...stated('7d', week),
  };
}
