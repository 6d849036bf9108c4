import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from '../running-test.ts';

export const USER = 'robot';
export const PASSWORD = 'CANARY-smtp-password';

type Received = ParsedMail & {
  readonly raw: string;
  readonly encrypted: boolean;
  readonly recipients: readonly string[];
};

/** A mail server on loopback that takes mail of one user. */
export async function mailServer(options: SMTPServerOptions = {}) {
  const mails: Received[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === USER && password === PASSWORD) return done(null, { user: USER });
      done(new Error(`CANARY: ${username} is not known`));
    },
    onRcptTo({ address }, _session, done) {
      done(address.startsWith('nobody@') ? Object.assign(new Error('CANARY'), { responseCode: 550 }) : null);
    },
    onData(stream, { secure, envelope }, done) {
      let raw = '';
      stream.on('data', chunk => (raw += String(chunk)));
      stream.on('end', async () => {
        const recipients = envelope.rcptTo.map(({ address }) => address);
        mails.push({ ...(await simpleParser(raw)), raw, encrypted: secure, recipients });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())));
  return { mails: mails as readonly Received[], port: (server.server.address() as AddressInfo).port };
}
