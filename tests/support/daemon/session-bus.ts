import { spawn } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { Message, MessageType, sessionBus, type MessageBus, type Variant } from '@jellybrick/dbus-next';
import { temporaryFolder } from '../real-context.ts';
import { onTestFinished } from '../running-test.ts';

/** The path of the bus program; undefined if it is not installed (Debian: package `dbus`). */
export const dbusDaemon = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map(folder => join(folder, 'dbus-daemon'))
  .find(file => existsSync(file));

export type PrivateBus = { readonly folder: string; readonly address: string; stop(): Promise<void> };

/** An empty private session bus in its own folder, or in the folder of a former one. */
export async function privateBus(given?: string): Promise<PrivateBus> {
  const folder = given ?? (await temporaryFolder());
  const address = `unix:path=${join(folder, 'bus')}`;
  await writeFile(
    join(folder, 'bus.conf'),
    `<busconfig><type>session</type><listen>${address}</listen><auth>EXTERNAL</auth>
    <policy context="default">
      <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
    </policy></busconfig>`,
  );
  const child = spawn(
    dbusDaemon ?? '',
    [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--nosyslog', '--print-address=1'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await ended;
  };
  onTestFinished(stop);
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('The bus did not start.');
    }),
  ]);
  return { folder, address, stop };
}

export type Bubble = {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly urgency: unknown;
};

export type NotificationService = {
  readonly shown: readonly Bubble[];
  /** The methods that were called, in order. */
  readonly calls: readonly string[];
  leave(): Promise<void>;
};

/** A desktop's notification service. As in GNOME, a client can close only its own notifications. */
export async function notificationService(
  address: string,
  { capabilities = ['body'], silent = false } = {},
): Promise<NotificationService> {
  const bus = await connect(address);
  const shown: (Bubble & { readonly owner: string })[] = [];
  const calls: string[] = [];
  let last = 0;
  bus.addMethodHandler(message => {
    if (message.interface !== 'org.freedesktop.Notifications' || message.type !== MessageType.METHOD_CALL) return false;
    calls.push(message.member);
    if (!silent) bus.send(answer(message));
    return true;
  });
  await bus.requestName('org.freedesktop.Notifications');

  function answer(message: Message): Message {
    switch (message.member) {
      case 'GetCapabilities':
        return Message.newMethodReturn(message, 'as', [capabilities]);
      case 'Notify': {
        const [, replaces, , title, text, , hints] = message.body as [
          string,
          number,
          string,
          string,
          string,
          string[],
          Record<string, Variant>,
        ];
        const number = replaces || ++last;
        shown.push({ number, title, text, urgency: hints['urgency']?.value, owner: message.sender });
        return Message.newMethodReturn(message, 'u', [number]);
      }
      case 'CloseNotification': {
        const index = shown.findIndex(({ number, owner }) => number === message.body[0] && owner === message.sender);
        if (index < 0)
          return Message.newError(message, 'org.freedesktop.DBus.Error.InvalidArgs', 'Invalid notification ID');
        shown.splice(index, 1);
        return Message.newMethodReturn(message);
      }
      default:
        return Message.newError(message, 'org.freedesktop.DBus.Error.UnknownMethod');
    }
  }

  return { shown, calls, leave: async () => void (await bus.releaseName('org.freedesktop.Notifications')) };
}

async function connect(busAddress: string): Promise<MessageBus> {
  const bus = sessionBus({ busAddress });
  const events: EventEmitter = bus;
  events.on('error', () => {});
  onTestFinished(() => bus.disconnect());
  await once(bus, 'connect');
  return bus;
}
