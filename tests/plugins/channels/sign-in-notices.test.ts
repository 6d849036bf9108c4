import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  configRefused,
  deadlineOf,
  linkReused,
  portTaken,
  sharingOf,
  testNotice,
  troubleOf,
} from '../../../lifecycle/notice-rules.ts';
import notifyCommand from '../../../plugins/notify-command/index.ts';
import notifyEmail from '../../../plugins/notify-email/index.ts';
import notifyWebhook from '../../../plugins/notify-webhook/index.ts';
import { noticeCodeSchema } from '../../../sdk/contract/notice-schema.ts';
import type { HaltReason, Notice, NoticeCode, Session } from '../../../sdk/contract/session.ts';
import type { NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { CHANNEL_NAMES, startChannel } from '../../support/channels/channels.ts';
import { mailServer, PASSWORD, USER } from '../../support/channels/mail-server.ts';
import { ALIVE, DAY, NOW, session } from '../ui-cli/fake-kernel.ts';

const URL = 'https://vendor.example/oauth/authorize?code=CANARY-code';
/** A provider that puts the address of a sign-in into all of its texts. */
const HINT = `Open ${URL}, or vendor.example/device?user_code=CANARY-user-code.`;

const halted = (why: HaltReason) => ({ name: 'halted', why, hint: HINT, failures: 0 }) as const;
const facts: Partial<Session> = { lastSuccessAt: NOW, renew: HINT, loginExpiresAt: NOW + DAY };
const about = (why: HaltReason, more: Partial<Session> = {}) => session('tool', halted(why), { ...facts, ...more });

const drafts = (signIn?: Session['signIn']) => [
  troubleOf(about('login-required', { signIn })),
  troubleOf(about('unavailable', { signIn: signIn && 'first' })),
  troubleOf(about('too-many-failures', { signIn })),
  deadlineOf(session('tool', ALIVE, { ...facts, signIn }), NOW, () => false),
  sharingOf(session('tool', ALIVE, { signIn, shared: { session: 'other', holder: 'tool' } })),
  portTaken(4711, 4712, 'EADDRINUSE'),
  linkReused(),
  configRefused({ file: '/home/me/keepalive.config.ts', problem: 'expected a text' }),
  testNotice(),
];

const notices = (signIn?: Session['signIn']): readonly Notice[] =>
  drafts(signIn).flatMap(draft => (draft && draft !== 'keep' ? [{ ...draft, raisedAt: NOW }] : []));

/** These have no advice on a login, and a digest is made of the others. */
const OTHERS: readonly NoticeCode[] = ['recovered', 'plugin-failed', 'digest', 'warmup-paused', 'fleet-unreachable'];

test('every other code of a notice is here', () => {
  const codes = new Set([...notices().map(({ code }) => code), ...OTHERS]);
  expect([...codes].toSorted()).toEqual([...noticeCodeSchema.options].toSorted());
});

type Sent = () => readonly string[];
const online = { ...fakeContext(), fetch: globalThis.fetch };

/** Every way to a person elsewhere, with the name of the machine in its messages. */
const WAYS: Readonly<Record<string, () => Promise<{ notifier: NotifierPlugin; sent: Sent; machine: string }>>> = {
  ...Object.fromEntries(
    CHANNEL_NAMES.map(name => [
      name,
      async () => {
        const { notifier, server } = await startChannel(name);
        return { notifier, machine: 'laptop', sent: () => server.asked.map(({ json }) => JSON.stringify(json)) };
      },
    ]),
  ),
  async email() {
    const { mails, port } = await mailServer();
    const people = { to: 'you@example.org', from: 'robot@example.org', machine: 'laptop' };
    const notifier = notifyEmail({ ...people, host: '127.0.0.1', port, user: USER, password: PASSWORD });
    return { notifier, machine: 'laptop', sent: () => mails.map(({ subject, text }) => `${subject}\n${text}`) };
  },
  async webhook() {
    const notifier = notifyWebhook({ url: 'https://hooks.example/x' });
    const bodies: string[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      bodies.push(String(init?.body));
      return new Response(null, { status: 204 });
    };
    const raise: NotifierPlugin['raise'] = notice => notifier.raise(notice, { ...online, fetch });
    return { notifier: { ...notifier, raise }, machine: hostname(), sent: () => bodies };
  },
  async command() {
    const context = fakeContext({ exec: () => ({}) });
    const notifier = notifyCommand({ run: ['notify-me'] });
    const raise: NotifierPlugin['raise'] = notice => notifier.raise(notice, context);
    const sent = () => context.calls.exec.map(({ options }) => String(options.input));
    return { notifier: { ...notifier, raise }, machine: hostname(), sent };
  },
};

describe.each(Object.keys(WAYS))('%s', name => {
  test.each<[string, Session['signIn']]>([
    ['that keepalive can run', 'again'],
    ['that it cannot', undefined],
  ])('a message about a sign-in %s names the machine and has no address', async (_title, signIn) => {
    const way = await WAYS[name]?.();
    if (!way) throw new Error(name);
    for (const notice of notices(signIn)) {
      await way.notifier.raise(notice, online);
      const text = (way.sent().at(-1) ?? '').replaceAll(/\\(?=[^n"])/g, '');
      expect(text).toContain(way.machine);
      expect(text).not.toMatch(/CANARY|vendor\.example/);
      if (signIn && notice.code === 'login-required') expect(text).toMatch(/keepalive login tool/);
    }
  });
});
