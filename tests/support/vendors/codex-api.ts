import type { IncomingMessage, ServerResponse } from 'node:http';
import { codexServer } from './codex-server.ts';

/** A prompt that codex has sent. */
export type CodexPrompt = { readonly body: string; readonly authorization: string | undefined };

/** What the vendor does with a prompt. */
export type PromptAnswer =
  | 'answer'
  | 'hang up'
  | 'break off'
  | 'hold'
  | { readonly status: number; readonly error: object }
  /** JavaScript that the model runs before it answers. */
  | { readonly tool: string };

type WireWindow = {
  readonly used_percent: unknown;
  readonly limit_window_seconds: unknown;
  readonly reset_after_seconds?: unknown;
  readonly reset_at: unknown;
};

/** The windows of the account as the vendor's API has them. Times are in seconds. */
export type Usage = { readonly primary_window?: WireWindow | null; readonly secondary_window?: WireWindow | null };

const seconds = () => Math.floor(Date.now() / 1_000);

/** A window that began so many minutes ago. */
export const beganMinutesAgo = (minutes: number, length: number, used: number): WireWindow => ({
  used_percent: used,
  limit_window_seconds: length * 60,
  reset_after_seconds: (length - minutes) * 60,
  reset_at: seconds() + (length - minutes) * 60,
});

/** A window that has not begun, as the vendor reports it. */
const notBegun = (length: number): WireWindow => beganMinutesAgo(0, length, 0);

/**
 * The vendor's API for one account. A completed answer begins the short window. `answers` decides on each prompt;
 * `usage` replaces what is reported of the windows, or refuses to report them.
 */
export async function codexApi({
  answers = () => 'answer',
  usage,
  begins = true,
}: {
  readonly answers?: (count: number) => PromptAnswer;
  readonly usage?: () => Usage | undefined | number;
  /** Whether an answered prompt begins the window. */
  readonly begins?: boolean;
} = {}) {
  const server = await codexServer();
  const prompts: CodexPrompt[] = [];
  const requests: string[] = [];
  let begun: WireWindow | undefined;

  const week = beganMinutesAgo(2_880, 10_080, 20);
  const windows = (): Usage => ({ primary_window: begun ?? notBegun(300), secondary_window: week });

  async function prompt(request: IncomingMessage, response: ServerResponse): Promise<void> {
    prompts.push({ body: await read(request), authorization: request.headers.authorization });
    const decided = answers(prompts.length);
    if (decided === 'hold') return;
    if (decided === 'hang up') return void request.socket.destroy();
    if (isError(decided)) return json(response, decided.status, { error: decided.error });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = typeof decided === 'object' ? toolCall(decided.tool) : decided === 'answer' ? ANSWER : [CREATED];
    response.write(events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    if (decided === 'break off') return void setImmediate(() => response.destroy());
    response.end();
    if (begins) begun ??= beganMinutesAgo(0, 300, 1);
  }

  function report(response: ServerResponse): void {
    const reported = usage ? usage() : windows();
    if (typeof reported === 'number') return json(response, reported, {});
    json(response, 200, {
      plan_type: 'plus',
      rate_limit: reported && { allowed: true, limit_reached: false, ...reported },
      credits: null,
    });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '', headers } = request;
    requests.push(`${method} ${url}`);
    // By default, codex tries a WebSocket first.
    if (headers.upgrade) return void response.writeHead(426).end();
    if (method === 'POST' && url.endsWith('/responses')) return prompt(request, response);
    if (url.endsWith('/wham/usage')) return report(response);
    return server.handle(request, response);
  }

  return { server, prompts: prompts as readonly CodexPrompt[], requests: requests as readonly string[], handle };
}

const CREATED = { type: 'response.created', response: { id: 'response-1' } };
const COMPLETED = {
  type: 'response.completed',
  response: {
    id: 'response-1',
    usage: {
      input_tokens: 8_000,
      input_tokens_details: null,
      output_tokens: 2,
      output_tokens_details: null,
      total_tokens: 8_002,
    },
  },
};

const containing = (item: object) => [CREATED, { type: 'response.output_item.done', item }, COMPLETED];

const ANSWER = containing({
  type: 'message',
  role: 'assistant',
  id: 'message-1',
  content: [{ type: 'output_text', text: 'ok' }],
});

const toolCall = (input: string) =>
  containing({ type: 'custom_tool_call', id: 'call-1', call_id: 'call-1', name: 'exec', input });

const isError = (answer: PromptAnswer) => typeof answer === 'object' && 'status' in answer;

const json = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
