import { z } from 'zod';
import { conforms, wireServer } from './wire-server.ts';

// https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
// and #mroommessage-msgtypes, #event-replacements
const body = {
  msgtype: z.enum(['m.text', 'm.notice']),
  body: z.string().min(1),
  format: z.literal('org.matrix.custom.html'),
  formatted_body: z.string().min(1),
};
const relation = z.strictObject({ rel_type: z.literal('m.replace'), event_id: z.string().regex(/^\$/) });
const content = z
  .strictObject({
    ...body,
    'm.mentions': z.strictObject({}),
    'm.new_content': z.strictObject(body).optional(),
    'm.relates_to': relation.optional(),
  })
  .refine(event => (event['m.new_content'] !== undefined) === (event['m.relates_to'] !== undefined));

type Shown = { msgtype: string; body: string; html: string };

const refused = (status: number, errcode: string, error: string) => ({ status, body: { errcode, error } });

/** A homeserver with the room `!room:example.org`. */
export async function matrixServer({ token }: { token: string }) {
  const events = new Map<string, Shown>();
  const transactions = new Map<string, string>();
  const server = await wireServer(({ method, path, headers, json }) => {
    if (headers.authorization !== `Bearer ${token}`) return refused(401, 'M_UNKNOWN_TOKEN', 'Invalid access token');
    const [, room = '', transaction = ''] =
      /^\/_matrix\/client\/v3\/rooms\/([^/]+)\/send\/m\.room\.message\/([^/]+)$/.exec(path) ?? [];
    if (method !== 'PUT' || transaction === '') return refused(404, 'M_UNRECOGNIZED', 'Unrecognized request');
    if (decodeURIComponent(room) !== '!room:example.org') return refused(403, 'M_FORBIDDEN', 'User not in the room');
    if (!conforms(content, json)) return refused(400, 'M_BAD_JSON', 'Invalid content');
    const event = transactions.get(transaction) ?? `$event${transactions.size + 1}`;
    transactions.set(transaction, event);
    const { 'm.new_content': replacement, 'm.relates_to': relates } = json;
    const { msgtype, body: text, formatted_body: html } = replacement ?? json;
    events.set(replacement ? (relates?.event_id ?? '') : event, { msgtype, body: text, html });
    return { body: { event_id: event } };
  });
  return { ...server, shown: () => [...events.values()] };
}
