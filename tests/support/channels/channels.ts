import notifyDiscord from '../../../plugins/notify-discord/index.ts';
import notifyMatrix from '../../../plugins/notify-matrix/index.ts';
import notifyNtfy from '../../../plugins/notify-ntfy/index.ts';
import notifySlack from '../../../plugins/notify-slack/index.ts';
import notifyTelegram from '../../../plugins/notify-telegram/index.ts';
import type { NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import { discordServer } from './discord-server.ts';
import { matrixServer } from './matrix-server.ts';
import { ntfyServer } from './ntfy-server.ts';
import { slackServer } from './slack-server.ts';
import { telegramServer } from './telegram-server.ts';
import type { WireServer } from './wire-server.ts';

type Options = Readonly<Record<string, unknown>>;

export type TestChannel = {
  /** The name of its plugin, and the options but the secret. */
  readonly plugin: string;
  readonly options: Options;
  readonly factory: (options: never) => NotifierPlugin;
  readonly server: WireServer;
  /** The option that has the secret, and its value. */
  readonly secret: readonly [option: string, value: string];
};

const machine = 'laptop';

/** Starts a channel on loopback, by its name. Every secret contains `CANARY`. */
const CHANNELS: Readonly<Record<string, () => Promise<TestChannel>>> = {
  async ntfy() {
    const [topic, token] = ['my-topic', 'CANARY-tk_ntfy'];
    const server = await ntfyServer({ topic, token });
    const options = { server: server.url, topic, machine };
    return { plugin: 'notify-ntfy', options, factory: notifyNtfy, server, secret: ['token', token] };
  },
  async 'slack, webhook'() {
    const hook = '/services/T0/B0/CANARY-slack-hook';
    const server = await slackServer({ hook, token: '' });
    const url = `${server.url}${hook}`;
    return { plugin: 'notify-slack', options: { machine }, factory: notifySlack, server, secret: ['url', url] };
  },
  async 'slack, app'() {
    const token = 'CANARY-xoxb-slack';
    const server = await slackServer({ hook: '', token });
    const options = { id: 'slack-app', server: server.url, channel: '#alerts', machine };
    return { plugin: 'notify-slack', options, factory: notifySlack, server, secret: ['token', token] };
  },
  async discord() {
    const server = await discordServer({ token: 'CANARY-discord-hook' });
    const secret = ['url', server.hook] as const;
    return { plugin: 'notify-discord', options: { machine }, factory: notifyDiscord, server, secret };
  },
  async telegram() {
    const token = '123456:CANARY-telegram';
    const server = await telegramServer({ token });
    const options = { server: server.url, chat: 42, machine };
    return { plugin: 'notify-telegram', options, factory: notifyTelegram, server, secret: ['token', token] };
  },
  async matrix() {
    const token = 'CANARY-syt-matrix';
    const server = await matrixServer({ token });
    const options = { server: server.url, room: '!room:example.org', machine };
    return { plugin: 'notify-matrix', options, factory: notifyMatrix, server, secret: ['token', token] };
  },
};

export const CHANNEL_NAMES = Object.keys(CHANNELS);

/** A running channel, and its notifier: with the secret in the options, or with what `make` is given instead. */
export async function startChannel(name: string) {
  const start = CHANNELS[name];
  if (!start) throw new Error(`There is no channel ${name}.`);
  const channel = await start();
  const { factory, options, secret } = channel;
  const make = (given: Options) => factory({ ...options, ...given } as never);
  return { ...channel, make, notifier: make({ [secret[0]]: secret[1] }) };
}
