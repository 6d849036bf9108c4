import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint, SAFE_ENDPOINT, withoutSlash } from '../../sdk/recipes/http/address.ts';
import { defineChannel } from '../../sdk/recipes/notice/define-channel.ts';
import { htmlOf, MARKS, plainOf, settledLabel, type Message } from '../../sdk/recipes/notice/message.ts';
import { post } from '../../sdk/recipes/notice/post.ts';
import { bearer, secretOf, tokenProblem } from '../../sdk/recipes/notice/secret.ts';
import { toHtml } from '../../sdk/recipes/notice/text.ts';

const text = z.string().min(1).optional();
const Options = z.strictObject({
  id: z.string().default('notify-matrix'),
  server: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT),
  machine: z.string().optional(),
  room: z.string().regex(/^![^\s/]+$/, "Give the room's id, which begins with an exclamation mark."),
  token: text,
  tokenFile: text,
  tokenVariable: text,
});

export type NotifyMatrixOptions = z.input<typeof Options>;

/** An event has at most 65,536 bytes, and this one has each text twice. */
const LONGEST_TEXT = 6_000;

/** Sends notices to a Matrix room. */
export default function notifyMatrix(options: NotifyMatrixOptions): NotifierPlugin {
  const { id, server, machine, room, ...given } = checkOptions(Options, options);
  const token = secretOf('token', given, tokenProblem);
  const rooms = `${withoutSlash(server)}/_matrix/client/v3/rooms`;
  const messages = `${rooms}/${encodeURIComponent(room)}/send/m.room.message`;

  async function send(content: object, context: NotifierContext): Promise<string | undefined> {
    // The number of the transaction makes a repeated request count once.
    const url = `${messages}/${randomUUID()}`;
    const json = { ...content, 'm.mentions': {} };
    const { event_id: event } = await post(
      { url, method: 'PUT', headers: await bearer(token, context), json },
      context,
    );
    return typeof event === 'string' ? event : undefined;
  }

  return defineChannel({
    id,
    place: 'in Matrix',
    machine,
    secrets: [token],
    send: (message, context) => send(raisedContent(message), context),
    async settle(message, event, context) {
      const settled = settledContent(message);
      const relation = { rel_type: 'm.replace', event_id: event };
      await send(
        { ...settled, body: `* ${settled.body}`, 'm.new_content': settled, 'm.relates_to': relation },
        context,
      );
    },
  });
}

/** Clients notify of `m.text`, and show `m.notice` silently. */
const contentOf = (msgtype: 'm.text' | 'm.notice', body: string, html: string) => ({
  msgtype,
  body,
  format: 'org.matrix.custom.html',
  formatted_body: html,
});

function raisedContent(message: Message): object {
  const type = message.level === 'info' ? 'm.notice' : 'm.text';
  return contentOf(type, plainOf(message, LONGEST_TEXT), htmlOf(message, LONGEST_TEXT));
}

function settledContent(message: Message) {
  const [mark, label] = [MARKS.settled, settledLabel(message)];
  return contentOf(
    'm.notice',
    `${mark} ${label}: ${message.title}`,
    `${mark} ${label}: <del>${toHtml(message.title)}</del>`,
  );
}
