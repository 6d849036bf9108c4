import { once, type EventEmitter } from 'node:events';
import { Message, MessageType, sessionBus, type MessageBus, type Variant } from '@jellybrick/dbus-next';
import { vi } from 'vitest';
import { onTestFinished } from '../running-test.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const MENU = { path: '/MenuBar', interface: 'com.canonical.dbusmenu' } as const;

type Layout = readonly [
  id: number,
  properties: Readonly<Record<string, Variant>>,
  children: readonly Variant<Layout>[],
];
export type Entry = {
  readonly id: number;
  readonly label: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly entries: readonly Entry[];
};

/** A desktop's panel as far as tray icons go: it is told of them, and reads and clicks their menus. */
export class Panel {
  /** The names of the icons that it was told of, in order. */
  readonly registered: string[] = [];
  /** The revisions of menus that it was told of. */
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
    await panel.#call(
      'org.freedesktop.DBus',
      { path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' },
      'AddMatch',
      's',
      [`type='signal',interface='${MENU.interface}'`],
    );
    await bus.requestName(WATCHER);
    return panel;
  }

  /** The panel crashes, and another one comes in its place. */
  async restart(): Promise<void> {
    await this.bus.releaseName(WATCHER);
    this.registered.length = 0;
    await this.bus.requestName(WATCHER);
  }

  /** The icon, once there is one. */
  async icon(): Promise<string> {
    return vi.waitUntil(() => this.registered.at(-1), { timeout: 10_000 });
  }

  async isThere(name: string): Promise<boolean> {
    const owned = await this.#call(
      'org.freedesktop.DBus',
      { path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' },
      'NameHasOwner',
      's',
      [name],
    );
    return owned[0] === true;
  }

  async property(icon: string, name: string): Promise<unknown> {
    const [value] = await this.#call(
      icon,
      { path: '/StatusNotifierItem', interface: 'org.freedesktop.DBus.Properties' },
      'Get',
      'ss',
      ['org.kde.StatusNotifierItem', name],
    );
    return (value as Variant).value;
  }

  async menu(icon: string): Promise<readonly Entry[]> {
    const [, layout] = await this.#call(icon, MENU, 'GetLayout', 'iias', [0, -1, []]);
    return toEntry(layout as Layout).entries;
  }

  /** Clicks what the labels lead to. */
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
    await this.#call(icon, MENU, 'Event', 'isvu', [found.id, 'clicked', new Variant('i', 0), 0]);
  }

  async activate(icon: string): Promise<void> {
    await this.#call(
      icon,
      { path: '/StatusNotifierItem', interface: 'org.kde.StatusNotifierItem' },
      'Activate',
      'ii',
      [0, 0],
    );
  }

  async #call(
    destination: string,
    at: { readonly path: string; readonly interface: string },
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<readonly unknown[]> {
    const reply = await this.bus.call(new Message({ destination, ...at, member, signature, body: [...body] }));
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
