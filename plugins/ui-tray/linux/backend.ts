import { setTimeout as sleep } from 'node:timers/promises';
import { Message, NameFlag, RequestNameReply, type MessageBus } from '@jellybrick/dbus-next';
import { connectSessionBus } from '../../../sdk/system/session-bus.ts';
import type { OpenBackend } from '../backend.ts';
import { DBusMenu } from './dbus-menu.ts';
import { StatusItem } from './status-item.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const NO_BUS =
  'There is no session bus to show a tray icon on. Start the tray from a desktop; `keepalive status` works anywhere.';
const SHOWN = 'The tray is already shown.';
const NO_PANEL =
  'No panel shows tray icons here. The icon appears when one starts. GNOME needs its AppIndicator extension.';

/** A StatusNotifierItem on the session bus, which the panels of most desktops show. */
export const openLinux: OpenBackend = async ({ name, model, onAction }) => {
  const connected = await connectSessionBus().catch(() => undefined);
  if (!connected) return { absent: NO_BUS };
  const { bus, lost } = connected;
  const item = new StatusItem(model, () => onAction({ do: 'open-page' }));
  const menu = new DBusMenu(model, onAction);
  bus.export('/StatusNotifierItem', item);
  bus.export(item.Menu, menu);
  if (!(await claim(bus, `org.session_keepalive.Tray.${name}`))) {
    bus.disconnect();
    return { absent: SHOWN };
  }
  const itemName = `org.kde.StatusNotifierItem-${process.pid}-1`;
  await bus.requestName(itemName, NameFlag.DO_NOT_QUEUE);
  const isShown = await followPanels(bus, itemName);
  return {
    lost,
    hint: isShown ? undefined : NO_PANEL,
    show(next) {
      item.show(next);
      menu.show(next);
    },
    close: async () => bus.disconnect(),
  };
};

/** Requests a unique name. Retries, because the tray of a daemon that has just ended may still own it. */
async function claim(bus: MessageBus, name: string): Promise<boolean> {
  for (let tries = 0; tries < 10; tries++) {
    if (tries > 0) await sleep(200);
    if ((await bus.requestName(name, NameFlag.DO_NOT_QUEUE)) === RequestNameReply.PRIMARY_OWNER) return true;
  }
  return false;
}

/** Registers the icon with the running panel and with every later one. Resolves with whether a panel is running. */
async function followPanels(bus: MessageBus, itemName: string): Promise<boolean> {
  const register = () =>
    bus
      .call(
        new Message({
          destination: WATCHER,
          path: '/StatusNotifierWatcher',
          interface: WATCHER,
          member: 'RegisterStatusNotifierItem',
          signature: 's',
          body: [itemName],
        }),
      )
      .then(
        () => true,
        () => false,
      );
  await bus.call(
    new Message({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [`type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${WATCHER}'`],
    }),
  );
  bus.on('message', ({ member, body: [name, , owner] }) => {
    if (member === 'NameOwnerChanged' && name === WATCHER && owner) void register();
  });
  return register();
}
