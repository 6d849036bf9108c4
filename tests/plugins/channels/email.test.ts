import { createServer } from 'node:http';
import { inspect } from 'node:util';
import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import notifyEmail, { type NotifyEmailOptions } from '../../../plugins/notify-email/index.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { mailServer, PASSWORD, USER } from '../../support/channels/mail-server.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome } from '../../support/daemon/daemon.ts';
import { digestOf } from '../../../sdk/wording/digest.ts';
import { certificate } from '../../support/daemon/certificate.ts';
import { listen } from '../../support/daemon/listen.ts';
import { notice } from '../../support/notice.ts';

const context = fakeContext();
const login = { user: USER, password: PASSWORD };
const people = { to: 'you@example.org', from: 'robot@example.org', machine: 'laptop' };
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.then(undefined, (error: unknown) => error);

/** A notifier for a server on this machine. */
const at = (port: number, given: Partial<NotifyEmailOptions> = {}) =>
  notifyEmail({ ...people, host: '127.0.0.1', port, ...given });

test('a mail has text and HTML, and says that no program should answer', async () => {
  const { mails, port } = await mailServer();
  const body = 'Ask me@person.test, or open https://auth.example/login?SIGN-IN <b>&\n.\nünd.';
  await at(port, { ...login, to: ['you@example.org', 'me@example.org'] }).raise(notice({ body }), context);
  const [mail] = mails;
  expect(mail).toMatchObject({
    subject: 'Codex needs a login (laptop)',
    text: '🔴 Codex needs a login (laptop)\nAsk [address], or open [link] <b>&\n.\nünd.\nOn laptop: Run `codex login`.',
    recipients: ['you@example.org', 'me@example.org'],
    from: { value: [{ name: 'Session Keepalive', address: 'robot@example.org' }] },
    messageId: expect.stringMatching(/^<[\w-]+@example\.org>$/),
  });
  expect(mail?.html).toContain('&lt;b&gt;&amp;<br>.<br>ünd.<br>On laptop: Run <code>codex login</code>.</p>');
  expect(mail?.raw).toMatch(/^Importance: high\r?$/im);
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail?.raw).toMatch(/^List-Id: Session Keepalive <session-keepalive\.localhost>\r?$/im);
  expect(mail?.raw).not.toMatch(/person\.test|SIGN-IN/);
});

test('the end of an error is said by a reply in the same thread, also after a restart', async () => {
  const { mails, port } = await mailServer();
  const receipt = await at(port).raise(notice(), context);
  await at(port).clear?.(notice(), context, receipt ?? undefined);
  await at(port).raise(notice({ id: 'codex:recovered', code: 'recovered', level: 'info' }), context);
  const warning = notice({ level: 'warning', title: 'The login ends' });
  await at(port).clear?.(warning, context, (await at(port).raise(warning, context)) ?? undefined);
  expect(receipt).not.toContain('@');
  expect(mails.map(({ subject }) => subject)).toEqual([
    'Codex needs a login (laptop)',
    'Resolved: Codex needs a login (laptop)',
    'The login ends (laptop)',
  ]);
  expect(mails[1]).toMatchObject({ inReplyTo: mails[0]?.messageId, references: mails[0]?.messageId });
});

test('notices that were raised together are one mail', async () => {
  const { mails, port } = await mailServer();
  const notices = [notice({ id: 'claude:failing', title: 'Claude cannot be kept alive', code: 'failing' }), notice()];
  const receipt = await at(port).raiseMany?.(notices, context);
  await at(port).clear?.(digestOf(notices), context, receipt ?? undefined);
  const title = 'Claude cannot be kept alive and Codex needs a login (laptop)';
  expect(mails).toMatchObject([
    { subject: title, text: expect.stringContaining('Codex needs a login. Run `codex login`.') },
    { subject: `Resolved: ${title}`, inReplyTo: mails[0]?.messageId },
  ]);
});

test('a title cannot add a header', async () => {
  const { mails, port } = await mailServer();
  await at(port).raise(notice({ title: 'a\r\nBcc: evil@example.org\r\n\r\nb' }), context);
  expect(mails[0]?.recipients).toEqual(['you@example.org']);
  expect(mails[0]?.headers.has('bcc')).toBe(false);
});

test.each<[string, Partial<NotifyEmailOptions>, object]>([
  ['a wrong password', { ...login, password: 'CANARY-wrong' }, { reason: 'it refused the user or the password' }],
  [
    'a wrong recipient',
    { to: 'nobody@example.org' },
    { reason: 'it refused the sender or a recipient', replyCode: 550 },
  ],
  ['no STARTTLS', { tls: 'starttls' }, { reason: 'no encrypted connection could be made' }],
])('%s is an error without a secret or an address', async (_name, given, details) => {
  const { mails, port } = await mailServer({ disabledCommands: ['STARTTLS'] });
  const error = await caught(at(port, given).raise(notice(), context));
  expect(error).toMatchObject({ code: 'KA_UNEXPECTED_ANSWER', details: { host: '127.0.0.1', ...details } });
  expect(inspect(error, { depth: Infinity })).not.toMatch(/CANARY|example\.org/);
  expect(mails).toEqual([]);
});

test('a mail server that is busy is offline, so that the mail is sent later', async () => {
  const onRcptTo: SMTPServerOptions['onRcptTo'] = (_address, _session, done) =>
    done(Object.assign(new Error('Greylisted'), { responseCode: 451 }));
  const { port } = await mailServer({ onRcptTo });
  const error = await caught(at(port).raise(notice(), context));
  expect(error).toMatchObject({ code: 'KA_OFFLINE', details: { replyCode: 451 } });
});

test('a certificate that no authority signed ends the connection before the password is sent', async () => {
  let logins = 0;
  const { key, cert } = await certificate(['localhost']);
  const onAuth: SMTPServerOptions['onAuth'] = (_auth, _session, done) => done(new Error(String((logins += 1))));
  const { port } = await mailServer({ key, cert, onAuth });
  const error = await caught(at(port, { ...login, host: 'localhost', tls: 'starttls' }).raise(notice(), context));
  expect(error).toMatchObject({ details: { host: 'localhost', reason: expect.stringMatching(/CERT|LEAF/) } });
  expect([logins, inspect(error, { depth: Infinity }).includes('CANARY')]).toEqual([0, false]);
});

test('a server that cannot be reached, or is silent until the notifier is stopped, is offline', async () => {
  expect(await caught(at(9).raise(notice(), context))).toMatchObject({
    code: 'KA_OFFLINE',
    details: { host: '127.0.0.1', reason: 'ECONNREFUSED' },
  });
  // An HTTP server never greets.
  const silent = new URL(await listen(createServer())).port;
  const stopped = fakeContext({ signal: AbortSignal.timeout(50) });
  expect(await caught(at(Number(silent)).raise(notice(), stopped))).toMatchObject({ code: 'KA_OFFLINE' });
});

test.each<[string, Partial<Record<keyof NotifyEmailOptions, unknown>>]>([
  ['to', { to: 'you' }],
  ['to', { to: 'a@b.example, c@d.example' }],
  ['from', { from: 'me@example.org\nBcc: x@y.example' }],
  ['host', { host: 'smtp://mail.example' }],
  ['port', { port: 0 }],
  ['tls', { host: 'mail.example', tls: 'none' }],
  ['user', { user: 'me' }],
  ['user', { password: 'x' }],
  ['password', { user: 'me', password: 'CANARY', passwordFile: '~/x' }],
])('a wrong option is refused, and named: %s of %o', (path, given) => {
  expect(() => notifyEmail({ ...people, host: 'mail.example', ...given } as NotifyEmailOptions)).toThrow(
    expect.objectContaining({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [{ path, message: expect.not.stringContaining('CANARY') }] },
    }),
  );
});

describe('a daemon', () => {
  test('sends the test notice encrypted, with a password from a file', async () => {
    const { key, cert, authority } = await certificate(['localhost']);
    const { mails, port } = await mailServer({ key, cert, authOptional: false });
    const options = { ...people, host: 'localhost', port, tls: 'starttls', user: USER, passwordFile: '~/smtp' };
    const home = temporaryHome({
      smtp: `${PASSWORD}\n`,
      'keepalive.config.json': JSON.stringify({ plugins: [['notify-email', options]] }),
    });
    await startDaemon(home, { env: { NODE_EXTRA_CA_CERTS: authority } });
    const sent = await run(KEEPALIVE, ['notify', 'test'], home);
    expect(sent.stdout).toContain('✓ notify-email: the test notice was sent.');
    expect(mails).toMatchObject([{ subject: 'This is a test notice (laptop)', encrypted: true }]);
  });

  test('refuses wrong options of a channel with exit code 7, and names them', async () => {
    const plugins = [
      ['notify-email', { ...people, host: 'mail.example', tls: 'none' }],
      ['notify-slack', {}],
    ];
    const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins }) });
    const { code, stderr } = await run(KEEPALIVE, ['check'], home);
    expect([code, stderr]).toEqual([7, expect.stringContaining('tls')]);
    expect(stderr).toContain('Give the url of an incoming webhook');
  });
});
