import { z } from 'zod';
import { conforms, wireServer, type Asked } from './wire-server.ts';

// https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/reference/block-kit/blocks
const section = z.strictObject({
  type: z.literal('section'),
  text: z.strictObject({
    type: z.literal('mrkdwn'),
    verbatim: z.boolean().optional(),
    // Only these characters are escaped, and an unescaped one begins a mention or a link.
    text: z
      .string()
      .min(1)
      .max(3_000)
      .regex(/^(?:[^<>&]|&(?:amp|lt|gt);)*$/),
  }),
});
const content = { text: z.string().min(1).max(40_000), blocks: z.array(section).min(1).max(50) };
const hookSchema = z.strictObject(content);
const postSchema = z.strictObject({ channel: z.string(), ...content });
const updateSchema = z.strictObject({ channel: z.string(), ts: z.string(), ...content });

type Shown = { text: string; sections: readonly string[] };

/** Slack with one channel, its webhook, and an app that may write there. */
export async function slackServer({ hook, token }: { hook: string; token: string }) {
  const messages = new Map<string, Shown>();
  const shown = ({ text, blocks }: z.infer<typeof hookSchema>) => ({
    text,
    sections: blocks.map(block => block.text.text),
  });
  const add = (message: Shown) => {
    const ts = `1700000000.${String(messages.size + 1).padStart(6, '0')}`;
    messages.set(ts, message);
    return ts;
  };

  function api(path: string, { headers, json }: Asked) {
    const no = (error: string) => ({ body: { ok: false, error } });
    if (!String(headers['content-type']).startsWith('application/json; charset=utf-8')) return no('invalid_charset');
    if (headers.authorization !== `Bearer ${token}`) return no('invalid_auth');
    if (path === '/api/chat.postMessage') {
      if (!conforms(postSchema, json)) return no('invalid_blocks');
      if (!['#alerts', 'C024BE91L'].includes(json.channel)) return no('channel_not_found');
      return { body: { ok: true, channel: 'C024BE91L', ts: add(shown(json)) } };
    }
    if (path !== '/api/chat.update') return no('unknown_method');
    if (!conforms(updateSchema, json) || json.channel !== 'C024BE91L') return no('channel_not_found');
    if (!messages.has(json.ts)) return no('message_not_found');
    messages.set(json.ts, shown(json));
    return { body: { ok: true, channel: json.channel, ts: json.ts, text: json.text } };
  }

  const server = await wireServer(asked => {
    if (asked.method !== 'POST') return { status: 405, body: 'method_not_allowed' };
    if (asked.path.startsWith('/api/')) return api(asked.path, asked);
    if (asked.path !== hook) return { status: 404, body: 'no_service' };
    if (!conforms(hookSchema, asked.json)) return { status: 400, body: 'invalid_payload' };
    add(shown(asked.json));
    return { body: 'ok' };
  });
  return { ...server, shown: () => [...messages.values()], deleteAll: () => messages.clear() };
}
