import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { NoticeLevel } from '../../sdk/contract/session.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint, SAFE_ENDPOINT, withoutSlash } from '../../sdk/recipes/http/address.ts';
import { defineChannel } from '../../sdk/recipes/notice/define-channel.ts';
import type { Message } from '../../sdk/recipes/notice/message.ts';
import { post } from '../../sdk/recipes/notice/post.ts';
import { bearer, optionalSecretOf, readSecret, secretOf, tokenProblem } from '../../sdk/recipes/notice/secret.ts';
import { clip } from '../../sdk/recipes/notice/text.ts';

export const hosts = ['ntfy.sh'];

const text = z.string().min(1).optional();
const Options = z.strictObject({
  id: z.string().default('notify-ntfy'),
  server: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT).default('https://ntfy.sh'),
  machine: z.string().optional(),
  topic: text,
  topicFile: text,
  topicVariable: text,
  token: text,
  tokenFile: text,
  tokenVariable: text,
});

export type NotifyNtfyOptions = z.input<typeof Options>;

const PRIORITY: Readonly<Record<NoticeLevel, number>> = { info: 2, warning: 3, error: 4 };
/** ntfy shows these tags as emojis. */
const TAG: Readonly<Record<NoticeLevel, string>> = {
  info: 'information_source',
  warning: 'warning',
  error: 'rotating_light',
};
/** The server turns a message of more than 4096 bytes into an attachment. */
const LONGEST_TEXT = 1_300;

const topicProblem = (topic: string): string | undefined =>
  /^[-\w]{1,64}$/.test(topic) ? undefined : 'A topic has at most 64 letters, digits, dashes and underscores.';

/** Sends notices to a topic of ntfy.sh, or of another ntfy server. */
export default function notifyNtfy(options: NotifyNtfyOptions): NotifierPlugin {
  const { id, server, machine, ...given } = checkOptions(Options, options);
  const base = withoutSlash(server);
  // A secret, because everyone who knows a topic of a public server can read it.
  const topic = secretOf('topic', given, topicProblem);
  const token = optionalSecretOf('token', given, tokenProblem);

  return defineChannel({
    id,
    place: 'in ntfy',
    machine,
    secrets: [topic, token],
    async send(message, context) {
      const sequence = `keepalive-${randomBytes(9).toString('hex')}`;
      const json = { topic: await readSecret(topic, context), sequence_id: sequence, ...contentOf(message) };
      const answer = await post({ url: base, headers: await bearer(token, context), json }, context);
      // A server before 2.16 knows no sequences, and cannot remove the message.
      return answer['sequence_id'] === sequence ? sequence : undefined;
    },
    async settle(_message, sequence, context) {
      const url = `${base}/${await readSecret(topic, context)}/${sequence}`;
      await post({ url, method: 'DELETE', headers: await bearer(token, context) }, context);
    },
  });
}

const contentOf = ({ level, title, text }: Message): object => ({
  title,
  message: clip(text, LONGEST_TEXT) || title,
  priority: PRIORITY[level],
  tags: [TAG[level]],
});
