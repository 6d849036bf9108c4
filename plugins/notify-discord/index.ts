import { z } from 'zod';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { defineChannel } from '../../sdk/recipes/notice/define-channel.ts';
import { post, type Letter } from '../../sdk/recipes/notice/post.ts';
import { readSecret, secretOf } from '../../sdk/recipes/notice/secret.ts';
import { embedsOf, newsOf, settledNews } from './content.ts';

const text = z.string().min(1).optional();
const Options = z.strictObject({
  id: z.string().default('notify-discord'),
  machine: z.string().optional(),
  url: text,
  urlFile: text,
  urlVariable: text,
});

export type NotifyDiscordOptions = z.input<typeof Options>;

const urlProblem = (url: string): string | undefined =>
  isSafeEndpoint(url) && /\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+\/?$/.test(new URL(url).pathname)
    ? undefined
    : 'Give the address of a webhook, as Discord shows it: https://…/api/webhooks/NUMBER/TOKEN.';

/** No text mentions anyone. */
const NO_MENTIONS = { allowed_mentions: { parse: [] } };

/** Sends notices to a Discord channel, through a webhook. */
export default function notifyDiscord(options: NotifyDiscordOptions): NotifierPlugin {
  const { id, machine, ...given } = checkOptions(Options, options);
  const webhook = secretOf('url', given, urlProblem);

  /** Sends a request to the webhook, or to one of its messages. */
  async function ask(context: NotifierContext, message: string | undefined, letter: Omit<Letter, 'url'>) {
    const url = new URL(await readSecret(webhook, context));
    context.conceal(url.pathname);
    url.pathname = url.pathname.replace(/\/$/, '') + (message === undefined ? '' : `/messages/${message}`);
    // Otherwise Discord does not say which message it made, or that it made none.
    if (message === undefined) url.searchParams.set('wait', 'true');
    return post({ url: url.href, ...letter }, context);
  }

  return defineChannel({
    id,
    place: 'in Discord',
    machine,
    secrets: [webhook],
    gone: 'Unknown Message',
    async send(message, context) {
      const json = { content: newsOf(message), embeds: embedsOf(message), ...NO_MENTIONS };
      const { id: sent } = await ask(context, undefined, { json });
      return typeof sent === 'string' ? sent : undefined;
    },
    async settle(message, sent, context) {
      const json = { content: settledNews(message), embeds: [], ...NO_MENTIONS };
      await ask(context, sent, { method: 'PATCH', json });
    },
  });
}
