import { z } from 'zod';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { isLoopback } from '../../sdk/recipes/http/address.ts';
import { defineChannel } from '../../sdk/recipes/notice/define-channel.ts';
import { optionalSecretOf } from '../../sdk/recipes/notice/secret.ts';
import { mailOf, settledMail } from './mail.ts';
import { createMailer, type MailServer } from './mailer.ts';

const text = z.string().min(1).optional();
/** Nothing that ends a header or lists several addresses. */
const address = z.string().regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'Give an e-mail address, as you@example.com.');
const Options = z.strictObject({
  id: z.string().default('notify-email'),
  machine: z.string().optional(),
  to: z.union([address, z.array(address).min(1)], 'Give an e-mail address, or a list of them.'),
  from: address.optional(),
  host: z.string().regex(/^[^\s/@]+$/, 'Give the name of a mail server.'),
  port: z.number().int().min(1).max(65_535).default(587),
  tls: z.enum(['starttls', 'implicit', 'none']).optional(),
  user: text,
  password: text,
  passwordFile: text,
  passwordVariable: text,
});

export type NotifyEmailOptions = z.input<typeof Options>;

/** Sends notices by e-mail, through a mail server. */
export default function notifyEmail(options: NotifyEmailOptions): NotifierPlugin {
  const { id, machine, to, from, host, port, tls: chosen, user, ...given } = checkOptions(Options, options);
  const password = optionalSecretOf('password', given);
  const [first = '', ...others] = [to].flat();
  const tls = chosen ?? (port === 465 ? 'implicit' : isLoopback(host) ? 'none' : 'starttls');
  if (tls === 'none' && !isLoopback(host)) {
    throw wrong('tls', 'Messages and passwords are sent without encryption to loopback hosts only.');
  }
  if ((user === undefined) !== (password === undefined)) throw wrong('user', 'Give a user and a password, or neither.');

  const server: MailServer = { host, port, tls, user, password };
  const people = { from: from ?? first, to: [first, ...others] };
  const mail = createMailer(server);
  return defineChannel({
    id,
    place: 'by e-mail',
    machine,
    secrets: [password],
    // The reply to the message about the trouble says it.
    omits: ({ code }) => code === 'recovered',
    send: (message, context) => mail({ ...people, ...mailOf(message) }, context),
    async settle(message, receipt, context) {
      if (message.level === 'error') await mail({ ...people, ...settledMail(message), inReplyTo: receipt }, context);
    },
  });
}

const wrong = (path: string, message: string): KeepaliveError =>
  new KeepaliveError('KA_CONFIG_INVALID', { problems: [{ path, message }] });
