import { hostname } from 'node:os';
import { z } from 'zod';
import { defineNotifier, type NotifierContext, type NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint, SAFE_ENDPOINT } from '../../sdk/recipes/http/address.ts';
import { post } from '../../sdk/recipes/notice/post.ts';
import { digestOf, type NoticeEvent } from '../../sdk/wording/digest.ts';

const Options = z.strictObject({
  id: z.string().default('notify-webhook'),
  url: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .refine(areHeaders, 'A name or a value cannot be sent as a header.'),
});

export type NotifyWebhookOptions = z.input<typeof Options>;

/**
 * Sends notices to the user's URL, as JSON: `{"event":"raise"|"clear","machine":…,"notice":{…}}`. Several notices at
 * once are one request: `notice` sums them up, and `notices` has each.
 */
export default function notifyWebhook(options: NotifyWebhookOptions): NotifierPlugin {
  const { id, url, method, headers } = checkOptions(Options, options);

  async function send(event: Omit<NoticeEvent, 'machine'>, context: NotifierContext): Promise<void> {
    const json: NoticeEvent = { ...event, machine: hostname() };
    await post({ url, method, headers, json }, context);
  }

  return defineNotifier({
    id,
    place: `at ${new URL(url).host}`,
    raise: (notice, context) => send({ event: 'raise', notice }, context),
    raiseMany: (notices, context) => send({ event: 'raise', notice: digestOf(notices), notices }, context),
    clear: (notice, context) => send({ event: 'clear', notice }, context),
  });
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(headers) instanceof Headers;
  } catch {
    return false;
  }
}
