import { z } from 'zod';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { NotifierContext, NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint, SAFE_ENDPOINT, withoutSlash } from '../../sdk/recipes/http/address.ts';
import { defineChannel, type ChannelOptions } from '../../sdk/recipes/notice/define-channel.ts';
import type { Message } from '../../sdk/recipes/notice/message.ts';
import { post } from '../../sdk/recipes/notice/post.ts';
import { bearer, optionalSecretOf, readSecret, tokenProblem, type Secret } from '../../sdk/recipes/notice/secret.ts';
import { contentOf, settledContent } from './content.ts';

export const hosts = ['slack.com'];

const text = z.string().min(1).optional();
const Options = z.strictObject({
  id: z.string().default('notify-slack'),
  server: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT).default('https://slack.com'),
  machine: z.string().optional(),
  url: text,
  urlFile: text,
  urlVariable: text,
  token: text,
  tokenFile: text,
  tokenVariable: text,
  channel: text,
});

export type NotifySlackOptions = z.input<typeof Options>;

const urlProblem = (url: string): string | undefined => (isSafeEndpoint(url) ? undefined : SAFE_ENDPOINT);

/** Sends notices to a Slack channel: through an incoming webhook, or as an app, which can also change messages. */
export default function notifySlack(options: NotifySlackOptions): NotifierPlugin {
  const { id, server, machine, channel, ...given } = checkOptions(Options, options);
  const url = optionalSecretOf('url', given, urlProblem);
  const token = optionalSecretOf('token', given, tokenProblem);
  const common = { id, place: 'in Slack', machine, secrets: [url, token], gone: 'message_not_found' };
  if (url && !token && channel === undefined) return defineChannel({ ...common, send: throughWebhook(url) });
  if (token && !url && channel !== undefined) {
    return defineChannel({ ...common, ...asApp({ api: `${withoutSlash(server)}/api`, token, channel }) });
  }
  const message = 'Give the url of an incoming webhook, or the token of an app and a channel.';
  throw new KeepaliveError('KA_CONFIG_INVALID', { problems: [{ path: '', message }] });
}

const throughWebhook = (webhook: Secret) => async (message: Message, context: NotifierContext) => {
  const url = await readSecret(webhook, context);
  context.conceal(new URL(url).pathname);
  await post({ url, json: contentOf(message) }, context);
  return undefined;
};

type App = { readonly api: string; readonly token: Secret; readonly channel: string };

function asApp({ api, token, channel }: App): Pick<ChannelOptions, 'send' | 'settle'> {
  async function call(method: string, json: object, context: NotifierContext) {
    const headers = { ...(await bearer(token, context)), 'content-type': 'application/json; charset=utf-8' };
    return post({ url: `${api}/${method}`, headers, json }, context);
  }
  return {
    async send(message, context) {
      // The answer has the id of the channel, which a change needs instead of its name.
      const answer = await call('chat.postMessage', { channel, ...contentOf(message) }, context);
      const { channel: at, ts } = answer;
      return typeof at === 'string' && typeof ts === 'string' ? `${at}:${ts}` : undefined;
    },
    async settle(message, receipt, context) {
      const [at, ts] = receipt.split(':');
      await call('chat.update', { channel: at, ts, ...settledContent(message) }, context);
    },
  };
}
