import { z } from 'zod';
import { conforms, wireServer } from './wire-server.ts';

// https://discord.com/developers/docs/resources/webhook and …/message#embed-object-embed-limits
const embed = z.strictObject({
  description: z.string().max(4_096).optional(),
  color: z.int().min(0).max(0xffffff).optional(),
});
const message = z.strictObject({
  content: z.string().max(2_000).optional(),
  embeds: z.array(embed).max(10),
  allowed_mentions: z.strictObject({ parse: z.array(z.never()) }),
});

type Shown = { content: string; embeds: readonly z.infer<typeof embed>[] };

const refused = (status: number, code: number, message: string) => ({ status, body: { message, code } });

/** Discord with one webhook at `/api/webhooks/1/TOKEN`. */
export async function discordServer({ token }: { token: string }) {
  const messages = new Map<string, Shown>();
  const hook = `/api/webhooks/1/${token}`;
  const asJson = (id: string) => {
    const { content, embeds } = messages.get(id) ?? { content: '', embeds: [] };
    return {
      id,
      type: 0,
      content,
      embeds: embeds.map(one => ({ ...one, type: 'rich' })),
      channel_id: '2',
      webhook_id: '1',
    };
  };
  const server = await wireServer(({ method, path, query, json }) => {
    if (!path.startsWith('/api/webhooks/1/')) return refused(404, 10015, 'Unknown Webhook');
    if (path !== hook && !path.startsWith(`${hook}/`)) return refused(401, 50027, 'Invalid Webhook Token');
    if (method === 'POST' && path === hook) {
      if (!conforms(message, json)) return refused(400, 50035, 'Invalid Form Body');
      if (!json.content && json.embeds.length === 0) return refused(400, 50006, 'Cannot send an empty message');
      const id = String(1_000 + messages.size);
      messages.set(id, { content: json.content ?? '', embeds: json.embeds });
      return query.get('wait') === 'true' ? { body: asJson(id) } : { status: 204 };
    }
    const [, id = ''] = /\/messages\/(\d+)$/.exec(path) ?? [];
    const former = messages.get(id);
    if (!former) return refused(404, 10008, 'Unknown Message');
    if (method !== 'PATCH') return refused(405, 0, '405: Method Not Allowed');
    if (!conforms(message, json)) return refused(400, 50035, 'Invalid Form Body');
    messages.set(id, { content: json.content ?? former.content, embeds: json.embeds });
    return { body: asJson(id) };
  });
  return {
    ...server,
    hook: `${server.url}${hook}`,
    shown: () => [...messages.values()],
    deleteAll: () => messages.clear(),
  };
}
