import { z } from 'zod';
import { KeepaliveError, offline } from '../../sdk/contract/errors.ts';
import { defineNotifier, type NotifierContext, type NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import type { Notice } from '../../sdk/contract/session.ts';

const Options = z.strictObject({
  id: z.string().default('notify-webhook'),
  url: z.string().refine(isSafeEndpoint, 'Give an https:// address; http:// is accepted for loopback hosts only.'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .refine(areHeaders, 'A name or a value cannot be sent as a header.'),
});

export type NotifyWebhookOptions = z.input<typeof Options>;

const LIMIT_MS = 10_000;

/** Sends notices to the user's URL, as JSON: `{"event":"raise"|"clear","notice":{…}}`. */
export default function notifyWebhook(options: NotifyWebhookOptions): NotifierPlugin {
  const { id, url, method, headers } = checkOptions(Options, options);
  // Only the host is logged: the rest of the URL may be a secret.
  const { host } = new URL(url);

  async function send(event: 'raise' | 'clear', notice: Notice, { fetch, signal }: NotifierContext): Promise<void> {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ event, notice }),
      // A redirect would send the headers to another server.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    }).catch((error: unknown) => {
      throw offline({ host, reason: reasonOf(error) });
    });
    await response.body?.cancel();
    if (!response.ok) throw new KeepaliveError('KA_UNEXPECTED_ANSWER', { host, status: response.status });
  }

  return defineNotifier({
    id,
    raise: (notice, context) => send('raise', notice, context),
    clear: (notice, context) => send('clear', notice, context),
  });
}

/** An error code. The message could contain the URL or a header, which may be secret. */
function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error && 'code' in cause
    ? String(cause.code)
    : error instanceof Error
      ? error.name
      : 'unknown';
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(headers) instanceof Headers;
  } catch {
    return false;
  }
}
