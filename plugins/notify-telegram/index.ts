import { z } from 'zod';
import { isRecord } from '../../sdk/base/json.ts';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint, SAFE_ENDPOINT, withoutSlash } from '../../sdk/recipes/http/address.ts';
import { defineChannel } from '../../sdk/recipes/notice/define-channel.ts';
import { formatted, MARKS, settledLabel, type Message } from '../../sdk/recipes/notice/message.ts';
import { post } from '../../sdk/recipes/notice/post.ts';
import { readSecret, secretOf } from '../../sdk/recipes/notice/secret.ts';
import { toHtml } from '../../sdk/recipes/notice/text.ts';

export const hosts = ['api.telegram.org'];

const text = z.string().min(1).optional();
const Options = z.strictObject({
  id: z.string().default('notify-telegram'),
  server: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT).default('https://api.telegram.org'),
  machine: z.string().optional(),
  chat: z.union(
    [z.number().int(), z.string().regex(/^(-?\d+|@\w+)$/)],
    'Give the number of a chat, or @ and the name of a channel.',
  ),
  thread: z.number().int().positive().optional(),
  token: text,
  tokenFile: text,
  tokenVariable: text,
});

export type NotifyTelegramOptions = z.input<typeof Options>;

/** A text has at most 4096 characters. */
const LONGEST_TEXT = 3_500;

const botTokenProblem = (token: string): string | undefined =>
  /^\d+:[\w-]+$/.test(token) ? undefined : 'Give the token of a bot, as @BotFather shows it: NUMBER:LETTERS.';

/** Sends notices to a Telegram chat, as a bot. */
export default function notifyTelegram(options: NotifyTelegramOptions): NotifierPlugin {
  const { id, server, machine, chat, thread, ...given } = checkOptions(Options, options);
  const token = secretOf('token', given, botTokenProblem);

  async function call(method: string, html: string, more: object, context: NotifierContext): Promise<unknown> {
    const url = `${withoutSlash(server)}/bot${await readSecret(token, context)}/${method}`;
    const common = { chat_id: chat, text: html, parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
    const { result } = await post({ url, json: { ...common, ...more } }, context);
    return isRecord(result) ? result['message_id'] : undefined;
  }

  return defineChannel({
    id,
    place: 'in Telegram',
    machine,
    secrets: [token],
    gone: 'Bad Request: message to edit not found',
    async send(message, context) {
      const silent = message.level === 'info';
      const more = { disable_notification: silent, ...(thread !== undefined && { message_thread_id: thread }) };
      const number = await call('sendMessage', htmlOf(message), more, context);
      return typeof number === 'number' ? String(number) : undefined;
    },
    async settle(message, receipt, context) {
      await call('editMessageText', settledHtml(message), { message_id: Number(receipt) }, context);
    },
  });
}

const htmlOf = (message: Message): string =>
  formatted(message, LONGEST_TEXT, { bold: title => `<b>${toHtml(title)}</b>`, plain: toHtml });

const settledHtml = (message: Message): string =>
  `${MARKS.settled} ${settledLabel(message)}: <s>${toHtml(message.title)}</s>`;
