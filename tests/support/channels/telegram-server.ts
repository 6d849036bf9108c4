import { z } from 'zod';
import { conforms, wireServer } from './wire-server.ts';

// https://core.telegram.org/bots/api#sendmessage, #editmessagetext and #html-style
const TAG = /<\/?(?:b|s|code)>/g;
const html = z.string().refine(text => {
  const plain = text.replace(TAG, '');
  const parsed = plain.replace(/&(?:amp|lt|gt);/g, '_');
  return parsed.length >= 1 && parsed.length <= 4_096 && !/[<>&]/.test(parsed);
});
const common = {
  chat_id: z.union([z.int(), z.string()]),
  text: html,
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
};
const sendSchema = z.strictObject({
  ...common,
  disable_notification: z.boolean().optional(),
  message_thread_id: z.int().optional(),
});
const editSchema = z.strictObject({ ...common, message_id: z.int() });

type Shown = { text: string; readonly silent?: boolean | undefined };

const refused = (status: number, description: string) => ({
  status,
  body: { ok: false, error_code: status, description },
});

/** The Bot API with one bot in one chat, number 42. */
export async function telegramServer({ token }: { token: string }) {
  const messages = new Map<number, Shown>();
  const server = await wireServer(({ method, path, json }) => {
    const [, given, call] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (given !== token) return refused(401, 'Unauthorized');
    if (method !== 'POST') return refused(404, 'Not Found');
    if (call === 'sendMessage') {
      if (!conforms(sendSchema, json)) return refused(400, "Bad Request: can't parse entities");
      if (json.chat_id !== 42) return refused(400, 'Bad Request: chat not found');
      const number = messages.size + 1;
      const { text, disable_notification: silent } = json;
      messages.set(number, { text, silent });
      return { body: { ok: true, result: { message_id: number, chat: { id: 42 }, date: 1, text } } };
    }
    if (call !== 'editMessageText') return refused(404, 'Not Found');
    if (!conforms(editSchema, json)) return refused(400, "Bad Request: can't parse entities");
    const former = messages.get(json.message_id);
    if (!former) return refused(400, 'Bad Request: message to edit not found');
    messages.set(json.message_id, { ...former, text: json.text });
    return { body: { ok: true, result: { message_id: json.message_id, chat: { id: 42 }, date: 1, text: json.text } } };
  });
  return { ...server, shown: () => [...messages.values()], deleteAll: () => messages.clear() };
}
