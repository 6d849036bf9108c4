import { CHANNEL_NAMES, startChannel } from './channels.ts';
import { mailServer, PASSWORD, USER } from './mail-server.ts';

/** Every channel on loopback, with its secret in a file of the home, and one that echoes what it gets as an error. */
export async function canaryChannels(teapot: string) {
  const channels = await Promise.all(CHANNEL_NAMES.map(startChannel));
  const { mails, port } = await mailServer();
  const fileOf = (name: string) => `secrets/${name.replace(/\W+/g, '-')}`;
  const mail = {
    to: 'robot@mailbox.invalid',
    host: '127.0.0.1',
    port,
    user: USER,
    passwordFile: `~/${fileOf('email')}`,
  };
  return {
    files: {
      ...Object.fromEntries(
        channels.map(({ secret: [, value] }, index) => [fileOf(CHANNEL_NAMES[index] ?? ''), value]),
      ),
      [fileOf('email')]: PASSWORD,
    },
    entries: [
      ...channels.map(({ plugin, options, secret: [option] }, index) => [
        plugin,
        { ...options, [`${option}File`]: `~/${fileOf(CHANNEL_NAMES[index] ?? '')}` },
      ]),
      ['notify-email', mail],
      ['notify-matrix', { id: 'matrix-broken', server: teapot, room: '!a:b', token: 'CANARY-of-a-broken-channel' }],
    ],
    /** What each channel got, without the secret that opens it. */
    got: (): readonly string[] => [
      ...channels.map(({ server }) => JSON.stringify(server.asked.map(({ json }) => json))),
      JSON.stringify(mails.map(({ subject, text, html }) => ({ subject, text, html }))),
    ],
  };
}
