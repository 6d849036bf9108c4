import { randomUUID } from 'node:crypto';
import type { SMTPTransportOptions } from 'nodemailer';
import { errnoOf } from '../../sdk/base/errno.ts';
import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError, offline } from '../../sdk/contract/errors.ts';
import type { NotifierContext } from '../../sdk/plugin/notifier.ts';
import { readSecret, type Secret } from '../../sdk/recipes/notice/secret.ts';
import type { MailContent } from './mail.ts';
import { timeLimit } from '../../sdk/base/time-limit.ts';

export type MailServer = {
  readonly host: string;
  readonly port: number;
  /** `starttls` encrypts or fails. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly user: string | undefined;
  readonly password: Secret | undefined;
};

export type Mail = MailContent & {
  readonly from: string;
  readonly to: readonly string[];
  /** What was returned for the message that this one replies to. */
  readonly inReplyTo?: string;
};

const LIMIT_MS = 10_000;

/** Sends mails through a server. Each gets an identification, which is returned. */
export function createMailer(server: MailServer) {
  return async ({ inReplyTo, from, to, ...content }: Mail, context: NotifierContext): Promise<string> => {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(await transportOptions(server, context));
    const id = randomUUID();
    const messageId = (of: string) => `<${of}@${from.slice(from.indexOf('@') + 1)}>`;
    const signal = timeLimit(LIMIT_MS, context.signal);
    try {
      await transport.sendMail({
        ...content,
        from: { name: 'Session Keepalive', address: from },
        to: [...to],
        messageId: messageId(id),
        ...(inReplyTo !== undefined && { inReplyTo: messageId(inReplyTo), references: messageId(inReplyTo) }),
        headers: HEADERS,
        signal,
      });
      return id;
    } catch (error) {
      throw failure(error, server.host);
    } finally {
      transport.close();
    }
  };
}

/** No program answers these messages, and filters can sort them. */
const HEADERS = {
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
  'List-Id': 'Session Keepalive <session-keepalive.localhost>',
};

async function transportOptions({ host, port, tls, user, password }: MailServer, context: NotifierContext) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && password && { auth: { user, pass: await readSecret(password, context) } }),
    connectionTimeout: LIMIT_MS,
    // Without these, a text could be taken for the path of a file or for an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SMTPTransportOptions;
}

const REASONS: Readonly<Record<string, string>> = {
  EAUTH: 'it refused the user or the password',
  EENVELOPE: 'it refused the sender or a recipient',
  EMESSAGE: 'it refused the message',
  ETLS: 'no encrypted connection could be made',
};

/**
 * Without the answer of the server, which may repeat an address. `originalCode` is the system's. A reply code from 400
 * to 499 asks to try again later.
 */
function failure(error: unknown, host: string): KeepaliveError {
  const code = errnoOf(error);
  const facts: Readonly<Record<string, unknown>> = isRecord(error) ? error : {};
  const { originalCode, responseCode: replyCode } = facts;
  const reason = REASONS[code] ?? (typeof originalCode === 'string' ? originalCode : code);
  const isBusy = typeof replyCode === 'number' && replyCode >= 400 && replyCode < 500;
  if (isBusy || (REASONS[code] === undefined && replyCode === undefined)) return offline({ host, replyCode, reason });
  return new KeepaliveError('KA_UNEXPECTED_ANSWER', { host, replyCode, reason });
}
