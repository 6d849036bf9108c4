import { z } from 'zod';
import { conforms, wireServer } from './wire-server.ts';

// https://docs.ntfy.sh/publish/#publish-as-json and #updating-deleting-notifications
const publication = z.strictObject({
  topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/),
  message: z.string().refine(text => Buffer.byteLength(text) <= 4_096),
  title: z.string(),
  tags: z.array(z.string()),
  priority: z.int().min(1).max(5),
  sequence_id: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/),
});

const refused = (status: number, code: number, error: string) => ({
  status,
  body: { code, http: status, error, link: 'https://ntfy.sh/docs' },
});

/** ntfy, of a version that can remove messages or of an older one. `phone` is what its topic shows. */
export async function ntfyServer({ topic, token, old = false }: { topic: string; token: string; old?: boolean }) {
  const phone = new Map<string, z.infer<typeof publication>>();
  const server = await wireServer(({ method, path, headers, json }) => {
    if (headers.authorization !== `Bearer ${token}`) return refused(401, 40101, 'unauthorized');
    if (method === 'POST' && path === '/') {
      if (!conforms(publication, json)) return refused(400, 40024, 'invalid request: request body must be valid JSON');
      if (json.topic !== topic) return refused(403, 40301, 'forbidden');
      phone.set(json.sequence_id, json);
      const { sequence_id, ...rest } = json;
      const event = { id: 'hwQ2YpKdmg', time: 1_700_000_000, expires: 1_700_043_200, event: 'message', ...rest };
      return { body: old ? event : { ...event, sequence_id } };
    }
    const [, at, sequence = ''] = /^\/([-\w]+)\/([-\w]+)$/.exec(path) ?? [];
    if (!old && method === 'DELETE' && at === topic) {
      phone.delete(sequence);
      return { body: { id: 'xE73Iyuabi', event: 'message_delete', topic, sequence_id: sequence } };
    }
    return refused(404, 40401, 'page not found');
  });
  return { ...server, phone: () => [...phone.values()] };
}
