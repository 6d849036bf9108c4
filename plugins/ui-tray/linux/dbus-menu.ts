import { DBusError, Variant } from '@jellybrick/dbus-next';
import type { Action, MenuItem, TrayModel } from '../model.ts';
import { Exported, readOnly } from './exported.ts';

type Properties = Readonly<Record<string, Variant>>;
type Node = {
  readonly id: number;
  readonly properties: Properties;
  readonly children: readonly Node[];
  readonly action?: Action | undefined;
};
type Layout = readonly [id: number, properties: Properties, children: readonly Variant[]];
type Click = readonly [id: number, event: string, data: Variant, at: number];

const ROOT = 0;
const ALL = -1;

/** The menu as panels read it: com.canonical.dbusmenu. */
export class DBusMenu extends Exported {
  readonly Version = 3;
  readonly TextDirection = 'ltr';
  readonly Status = 'normal';
  readonly IconThemePath: readonly string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #nodes = new Map<number, Node>();
  readonly #onAction: (action: Action) => void;
  #revision = 1;

  constructor(model: TrayModel, onAction: (action: Action) => void) {
    super('com.canonical.dbusmenu');
    this.#onAction = onAction;
    this.#read(model);
  }

  show(model: TrayModel): void {
    this.#read(model);
    this.#revision++;
    this.LayoutUpdated();
  }

  GetLayout(parent: number, depth: number): readonly [revision: number, layout: Layout] {
    return [this.#revision, layoutOf(this.#node(parent), depth)];
  }

  GetGroupProperties(ids: readonly number[]): readonly (readonly [id: number, properties: Properties])[] {
    const wanted = ids.length > 0 ? ids : [...this.#nodes.keys()];
    return wanted.flatMap(id => {
      const node = this.#nodes.get(id);
      return node ? [[id, node.properties] as const] : [];
    });
  }

  GetProperty(id: number, name: string): Variant {
    const value = this.#node(id).properties[name];
    if (!value) throw new DBusError('org.freedesktop.DBus.Error.InvalidArgs', `Item ${id} has no property ${name}.`);
    return value;
  }

  Event(id: number, event: string): void {
    const { action } = this.#node(id);
    // Reply first: the action may take a minute, or end this process.
    if (event === 'clicked' && action) setImmediate(this.#onAction, action);
  }

  EventGroup(events: readonly Click[]): readonly number[] {
    const unknown = events.filter(([id]) => !this.#nodes.has(id)).map(([id]) => id);
    for (const [id, event] of events) if (!unknown.includes(id)) this.Event(id, event);
    return unknown;
  }

  AboutToShow(): boolean {
    return false;
  }

  AboutToShowGroup(): readonly [needUpdate: readonly number[], unknown: readonly number[]] {
    return [[], []];
  }

  LayoutUpdated(): readonly [revision: number, parent: number] {
    return [this.#revision, ROOT];
  }

  #read({ items }: TrayModel): void {
    this.#nodes.clear();
    this.#keep({
      id: ROOT,
      properties: { 'children-display': new Variant('s', 'submenu') },
      children: this.#children(items, ''),
    });
  }

  #children(items: readonly MenuItem[], path: string): readonly Node[] {
    return items.map((item, index) => {
      // An action keeps its id forever, so a click on an outdated menu does what its label said, or nothing.
      // An id keeps its kind of item, because panels redraw the label but not the kind.
      const kind = item.separator ? '-' : item.items ? '>' : '=';
      const key = 'action' in item && item.action ? JSON.stringify(item.action) : `${path}${kind}${index}`;
      return this.#keep({
        id: this.#idOf(key),
        properties: propertiesOf(item),
        ...(item.separator
          ? { children: [] }
          : {
              children: this.#children(item.items ?? [], key),
              action: item.enabled === false ? undefined : item.action,
            }),
      });
    });
  }

  #keep(node: Node): Node {
    this.#nodes.set(node.id, node);
    return node;
  }

  #idOf(key: string): number {
    const id = this.#ids.get(key) ?? this.#ids.size + 1;
    this.#ids.set(key, id);
    return id;
  }

  #node(id: number): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new DBusError('org.freedesktop.DBus.Error.InvalidArgs', `No item ${id}.`);
    return node;
  }
}

DBusMenu.configureMembers({
  properties: {
    Version: readOnly('u'),
    TextDirection: readOnly('s'),
    Status: readOnly('s'),
    IconThemePath: readOnly('as'),
  },
  methods: {
    GetLayout: { inSignature: 'iias', outSignature: 'u(ia{sv}av)' },
    GetGroupProperties: { inSignature: 'aias', outSignature: 'a(ia{sv})' },
    GetProperty: { inSignature: 'is', outSignature: 'v' },
    Event: { inSignature: 'isvu' },
    EventGroup: { inSignature: 'a(isvu)', outSignature: 'ai' },
    AboutToShow: { inSignature: 'i', outSignature: 'b' },
    AboutToShowGroup: { inSignature: 'ai', outSignature: 'aiai' },
  },
  signals: { LayoutUpdated: { signature: 'ui' } },
});

function propertiesOf(item: MenuItem): Properties {
  if (item.separator) return { type: new Variant('s', 'separator') };
  return {
    // A single underscore would mark the next letter as an access key.
    label: new Variant('s', item.label.replaceAll('_', '__')),
    enabled: new Variant('b', item.enabled !== false),
    ...(item.checked === undefined
      ? {}
      : { 'toggle-type': new Variant('s', 'radio'), 'toggle-state': new Variant('i', item.checked ? 1 : 0) }),
    ...(item.items ? { 'children-display': new Variant('s', 'submenu') } : {}),
  };
}

const layoutOf = ({ id, properties, children }: Node, depth: number): Layout => [
  id,
  properties,
  depth === 0 ? [] : children.map(child => new Variant('(ia{sv}av)', layoutOf(child, depth === ALL ? ALL : depth - 1))),
];
