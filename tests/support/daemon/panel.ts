import { once, type EventEmitter } from 'node:events';
import { Message, MessageType, sessionBus, type MessageBus, type Variant } from '@jellybrick/dbus-next';
import { vi } from 'vitest';
import { onTestFinished } from '../running-test.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const ITEM_PATH = '/StatusNotifierItem';
const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;
const MENU = { path: '/MenuBar', interface: 'com.canonical.dbusmenu' } as const;

type Layout = readonly [
  id: number,
  properties: Readonly<Record<string, Variant>>,
  children: readonly Variant<Layout>[],
];
type Call = {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly body: readonly unknown[];
};
export type Entry = {
  readonly id: number;
  readonly label: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly entries: readonly Entry[];
};

/** The tray of a desktop's panel: icons register with it, and it reads and clicks their menus. */
export class Panel {
  /** The names of the registered icons, in order. */
  readonly registered: string[] = [];
  /** The announced revisions of menus. */
  readonly revisions: number[] = [];

  private constructor(private readonly bus: MessageBus) {}

  static async start(busAddress: string): Promise<Panel> {
    const bus = sessionBus({ busAddress });
    const events: EventEmitter = bus;
    events.on('error', () => {});
    onTestFinished(() => bus.disconnect());
    await once(bus, 'connect');
    const panel = new Panel(bus);
    bus.addMethodHandler(message => {
      if (message.member !== 'RegisterStatusNotifierItem') return false;
      panel.registered.push(String(message.body[0]));
      bus.send(Message.newMethodReturn(message));
      return true;
    });
    bus.on('message', ({ type, member, body: [revision] }) => {
      if (type === MessageType.SIGNAL && member === 'LayoutUpdated') panel.revisions.push(Number(revision));
    });
    const body = [`type='signal',interface='${MENU.interface}'`];
    await panel.#call({ ...BUS, member: 'AddMatch', signature: 's', body });
    await bus.requestName(WATCHER);
    return panel;
  }

  /** Replaces the panel, as after a crash. */
  async restart(): Promise<void> {
    await this.bus.releaseName(WATCHER);
    this.registered.length = 0;
    await this.bus.requestName(WATCHER);
  }

  /** Waits for an icon and returns it. */
  async icon(): Promise<string> {
    return vi.waitUntil(() => this.registered.at(-1), { timeout: 25_000 });
  }

  async isThere(name: string): Promise<boolean> {
    const owned = await this.#call({ ...BUS, member: 'NameHasOwner', signature: 's', body: [name] });
    return owned[0] === true;
  }

  async property(icon: string, name: string): Promise<unknown> {
    const at = { destination: icon, path: ITEM_PATH, interface: 'org.freedesktop.DBus.Properties' };
    const [value] = await this.#call({ ...at, member: 'Get', signature: 'ss', body: [ITEM, name] });
    return (value as Variant).value;
  }

  async menu(icon: string): Promise<readonly Entry[]> {
    const [, layout] = await this.#call({
      destination: icon,
      ...MENU,
      member: 'GetLayout',
      signature: 'iias',
      body: [0, -1, []],
    });
    return toEntry(layout as Layout).entries;
  }

  /** Clicks the entry at the end of the path of labels. */
  async click(icon: string, ...labels: readonly string[]): Promise<void> {
    const { Variant } = await import('@jellybrick/dbus-next');
    const found = labels.reduce<{ readonly entries: readonly Entry[]; readonly id?: number }>(
      (at, label) => {
        const next = at.entries.find(entry => entry.label.startsWith(label));
        if (!next) throw new Error(`There is no ${label} among ${at.entries.map(entry => entry.label).join(', ')}`);
        return next;
      },
      { entries: await this.menu(icon) },
    );
    const body = [found.id, 'clicked', new Variant('i', 0), 0];
    await this.#call({ destination: icon, ...MENU, member: 'Event', signature: 'isvu', body });
  }

  async activate(icon: string): Promise<void> {
    const at = { destination: icon, path: ITEM_PATH, interface: ITEM };
    await this.#call({ ...at, member: 'Activate', signature: 'ii', body: [0, 0] });
  }

  async #call(call: Call): Promise<readonly unknown[]> {
    const reply = await this.bus.call(new Message({ ...call, body: [...call.body] }));
    return reply?.body ?? [];
  }
}

const toEntry = ([id, properties, children]: Layout): Entry => ({
  id,
  label: String(properties['label']?.value ?? '—').replaceAll('__', '_'),
  enabled: properties['enabled']?.value !== false,
  checked: properties['toggle-state']?.value === 1,
  entries: children.map(child => toEntry(child.value)),
});
