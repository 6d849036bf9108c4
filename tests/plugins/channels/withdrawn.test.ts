import { describe, expect, test } from 'vitest';
import notifyDiscord from '../../../plugins/notify-discord/index.ts';
import notifyMatrix from '../../../plugins/notify-matrix/index.ts';
import notifyNtfy from '../../../plugins/notify-ntfy/index.ts';
import notifySlack from '../../../plugins/notify-slack/index.ts';
import notifyTelegram from '../../../plugins/notify-telegram/index.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import type { NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { discordServer } from '../../support/channels/discord-server.ts';
import { matrixServer } from '../../support/channels/matrix-server.ts';
import { ntfyServer } from '../../support/channels/ntfy-server.ts';
import { slackServer } from '../../support/channels/slack-server.ts';
import { telegramServer } from '../../support/channels/telegram-server.ts';
import { digestOf } from '../../../sdk/wording/digest.ts';
import { notice } from '../../support/notice.ts';

const context = { ...fakeContext(), fetch: globalThis.fetch };
const machine = 'laptop';
const claude = notice({ id: 'claude:login-required', session: 'claude', title: 'Claude_Code needs a login' });

/** Raises a notice, and withdraws it as a daemon does that was restarted meanwhile. */
async function raiseAndClear(make: () => NotifierPlugin, raised: Notice = notice()) {
  const receipt = await make().raise(raised, context);
  await make().clear?.(raised, context, receipt ?? undefined);
  return receipt;
}

/** Raises two notices as one message, and withdraws it as a daemon does once both have ended. */
async function raiseAndClearTwo(make: () => NotifierPlugin) {
  const receipt = await make().raiseMany?.([notice(), claude], context);
  await make().clear?.(digestOf([notice(), claude]), context, receipt ?? undefined);
}

describe('ntfy', () => {
  const [topic, token] = ['my-topic', 'tk_secret'];

  test('shows level, title and text on the phone, and removes the message', async () => {
    const server = await ntfyServer({ topic, token });
    const make = () => notifyNtfy({ server: `${server.url}/`, topic, token, machine });
    await make().raise(notice({ level: 'warning' }), context);
    expect(server.phone()).toMatchObject([
      {
        title: 'Codex needs a login (laptop)',
        message: 'The login has ended.\nOn laptop: Run `codex login`.',
        priority: 3,
        tags: ['warning'],
      },
    ]);
    await raiseAndClear(make);
    expect(server.phone()).toHaveLength(1);
  });

  test('of a version without sequences keeps the message, and is not asked to remove it', async () => {
    const server = await ntfyServer({ topic, token, old: true });
    expect(await raiseAndClear(() => notifyNtfy({ server: server.url, topic, token }))).toBeUndefined();
    expect(server.asked).toHaveLength(1);
  });

  test('removes a message with several notices', async () => {
    const server = await ntfyServer({ topic, token });
    await raiseAndClearTwo(() => notifyNtfy({ server: server.url, topic, token, machine }));
    expect(server.asked.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(server.phone()).toEqual([]);
  });
});

describe('Slack', () => {
  const [hook, token] = ['/services/T0/B0/x', 'xoxb-secret'];

  test('as an app strikes out what has ended, in place', async () => {
    const server = await slackServer({ hook, token });
    const make = () => notifySlack({ server: server.url, token, channel: '#alerts', machine });
    await make().raise(notice({ title: 'A <b> & c' }), context);
    const receipt = await raiseAndClear(make);
    expect(receipt).toMatch(/^C024BE91L:\d+\.\d+$/);
    expect(server.shown()).toEqual([
      {
        text: '🔴 A &lt;b&gt; &amp; c (laptop)',
        sections: ['*🔴 A &lt;b&gt; &amp; c (laptop)*\nThe login has ended.\nOn laptop: Run `codex login`.'],
      },
      {
        text: expect.stringMatching(/^✅ Resolved: ~Codex needs/),
        sections: [expect.stringMatching(/^✅ Resolved: ~/)],
      },
    ]);
  });

  test('as an app strikes out a message with several notices', async () => {
    const server = await slackServer({ hook, token });
    await raiseAndClearTwo(() => notifySlack({ server: server.url, token, channel: '#alerts', machine: '' }));
    expect(server.shown()).toMatchObject([{ text: '✅ Resolved: ~2 sessions need a login~' }]);
  });

  test('through a webhook keeps the message', async () => {
    const server = await slackServer({ hook, token });
    expect(await raiseAndClear(() => notifySlack({ url: `${server.url}${hook}` }))).toBeUndefined();
    expect(server.asked).toHaveLength(1);
  });

  test('a message that the user has deleted is no error', async () => {
    const server = await slackServer({ hook, token });
    const notifier = notifySlack({ server: server.url, token, channel: '#alerts' });
    const receipt = await notifier.raise(notice(), context);
    server.deleteAll();
    await notifier.clear?.(notice(), context, receipt ?? undefined);
    expect(server.asked).toHaveLength(2);
  });

  test.each<[object, string]>([
    [{}, 'nothing'],
    [{ token: 'x' }, 'no channel'],
    [{ url: 'https://hooks.slack.example/x', channel: '#a' }, 'both ways'],
  ])('%o is refused: %s', given => {
    const message = 'Give the url of an incoming webhook, or the token of an app and a channel.';
    expect(() => notifySlack(given)).toThrow(
      expect.objectContaining({ details: { problems: [{ path: '', message }] } }),
    );
  });
});

describe('Discord', () => {
  test('shows a coloured text below the title, mentions no one, and strikes out what has ended', async () => {
    const server = await discordServer({ token: 'secret' });
    const make = () => notifyDiscord({ url: server.hook, machine });
    await make().raise(claude, context);
    await raiseAndClear(make, notice({ level: 'warning' }));
    expect(server.shown()).toEqual([
      {
        content: '🔴 **Claude\\_Code needs a login \\(laptop\\)**',
        embeds: [{ description: 'The login has ended.\nOn laptop: Run `codex login`.', color: 0xe74c3c }],
      },
      { content: '✅ No longer applies: ~~Codex needs a login \\(laptop\\)~~', embeds: [] },
    ]);
  });

  test('lists several notices in one text, and strikes out their message', async () => {
    const server = await discordServer({ token: 'secret' });
    const make = () => notifyDiscord({ url: server.hook, machine });
    await make().raiseMany?.([notice(), claude], context);
    await raiseAndClearTwo(make);
    expect(server.shown()).toMatchObject([
      {
        content: '🔴 **2 sessions need a login \\(laptop\\)**',
        embeds: [{ description: expect.stringContaining('Claude\\_Code needs a login. Run `codex login`.') }],
      },
      { content: '✅ Resolved: ~~2 sessions need a login \\(laptop\\)~~', embeds: [] },
    ]);
  });

  test('a message that the user has deleted is no error, but a deleted webhook is one', async () => {
    const server = await discordServer({ token: 'secret' });
    const notifier = notifyDiscord({ url: server.hook });
    const receipt = await notifier.raise(notice(), context);
    server.deleteAll();
    await notifier.clear?.(notice(), context, receipt ?? undefined);
    server.script.push({ status: 404, body: { message: 'Unknown Webhook', code: 10015 } });
    await expect(notifier.clear?.(notice(), context, receipt ?? undefined)).rejects.toMatchObject({
      details: { status: 404, vendorCode: 'Unknown Webhook' },
    });
  });
});

describe('Telegram', () => {
  const token = '1:secret';

  test('formats commands, is silent about what is no problem, and strikes out what has ended', async () => {
    const server = await telegramServer({ token });
    const make = () => notifyTelegram({ server: server.url, chat: 42, token, machine });
    await make().raise(notice({ level: 'info', title: 'a < b & c' }), context);
    await raiseAndClear(make);
    expect(server.shown()).toEqual([
      {
        text: '<b>🔵 a &lt; b &amp; c (laptop)</b>\nThe login has ended.\nOn laptop: Run <code>codex login</code>.',
        silent: true,
      },
      { text: '✅ Resolved: <s>Codex needs a login (laptop)</s>', silent: false },
    ]);
  });

  test('strikes out a message with several notices', async () => {
    const server = await telegramServer({ token });
    await raiseAndClearTwo(() => notifyTelegram({ server: server.url, chat: 42, token, machine }));
    expect(server.shown()).toMatchObject([{ text: '✅ Resolved: <s>2 sessions need a login (laptop)</s>' }]);
  });

  test('a message that the user has deleted is no error', async () => {
    const server = await telegramServer({ token });
    const notifier = notifyTelegram({ server: server.url, chat: 42, token });
    const receipt = await notifier.raise(notice(), context);
    server.deleteAll();
    await notifier.clear?.(notice(), context, receipt ?? undefined);
    expect(server.asked).toHaveLength(2);
  });
});

describe('Matrix', () => {
  const [token, room] = ['syt_secret', '!room:example.org'];

  test('sends text and HTML, and edits what has ended', async () => {
    const server = await matrixServer({ token });
    const make = () => notifyMatrix({ server: server.url, room, token, machine });
    await make().raise(notice({ title: 'a < b' }), context);
    await raiseAndClear(make);
    expect(server.shown()).toEqual([
      {
        msgtype: 'm.text',
        body: '🔴 a < b (laptop)\nThe login has ended.\nOn laptop: Run `codex login`.',
        html:
          '<p><strong>🔴 a &lt; b (laptop)</strong><br>The login has ended.<br>' +
          'On laptop: Run <code>codex login</code>.</p>',
      },
      {
        msgtype: 'm.notice',
        body: '✅ Resolved: Codex needs a login (laptop)',
        html: '✅ Resolved: <del>Codex needs a login (laptop)</del>',
      },
    ]);
  });

  test('edits a message with several notices', async () => {
    const server = await matrixServer({ token });
    await raiseAndClearTwo(() => notifyMatrix({ server: server.url, room, token, machine }));
    expect(server.shown()).toMatchObject([{ body: '✅ Resolved: 2 sessions need a login (laptop)' }]);
  });

  test('a repeated request counts once', async () => {
    const server = await matrixServer({ token });
    server.script.push({ status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'slow', retry_after_ms: 1 } });
    await notifyMatrix({ server: server.url, room, token }).raise(notice(), context);
    expect(new Set(server.asked.map(({ path }) => path)).size).toBe(1);
  });
});
