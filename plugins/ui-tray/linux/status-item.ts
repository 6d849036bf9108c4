import { drawIcon } from '../icon.ts';
import type { IconState, TrayModel } from '../model.ts';
import { Exported } from './exported.ts';

type Pixmap = readonly [width: number, height: number, argb: Buffer];

/** For panels of usual heights, plain and at double density. */
const SIZES = [22, 32, 48];

/** What panels want to know of a tray icon: org.kde.StatusNotifierItem. */
export class StatusItem extends Exported {
  readonly Category = 'ApplicationStatus';
  readonly Id = 'session-keepalive';
  readonly WindowId = 0;
  readonly IconName = '';
  readonly IconThemePath = '';
  readonly OverlayIconName = '';
  readonly OverlayIconPixmap: readonly Pixmap[] = [];
  readonly AttentionIconName = '';
  readonly AttentionMovieName = '';
  readonly ItemIsMenu = true;
  readonly Menu = '/MenuBar';
  readonly #open: () => void;
  #model: TrayModel;
  #pixmaps: readonly Pixmap[];

  constructor(model: TrayModel, open: () => void) {
    super('org.kde.StatusNotifierItem');
    this.#model = model;
    this.#pixmaps = pixmapsOf(model.icon);
    this.#open = open;
  }

  get Title(): string {
    return this.#model.title;
  }

  /** Never `Passive`: panels then take the menu away with the icon. */
  get Status(): 'Active' | 'NeedsAttention' {
    return this.#model.icon === 'needed' ? 'NeedsAttention' : 'Active';
  }

  get IconPixmap(): readonly Pixmap[] {
    return this.#pixmaps;
  }

  get AttentionIconPixmap(): readonly Pixmap[] {
    return this.#pixmaps;
  }

  get ToolTip(): readonly [icon: string, pixmaps: readonly Pixmap[], title: string, text: string] {
    return ['', [], 'Session Keepalive', this.#model.title];
  }

  show(model: TrayModel): void {
    const before = this.#model;
    this.#model = model;
    if (model.icon !== before.icon) {
      this.#pixmaps = pixmapsOf(model.icon);
      this.NewIcon();
      this.NewAttentionIcon();
      this.NewStatus();
    }
    if (model.title !== before.title) {
      this.NewTitle();
      this.NewToolTip();
    }
  }

  /** What a click does on panels that do not open the menu by it. */
  Activate(): void {
    this.#open();
  }

  SecondaryActivate(): void {}
  ContextMenu(): void {}
  Scroll(): void {}
  ProvideXdgActivationToken(): void {}

  NewIcon(): void {}
  NewAttentionIcon(): void {}
  NewTitle(): void {}
  NewToolTip(): void {}
  NewStatus(): string {
    return this.Status;
  }
}

StatusItem.configureMembers({
  properties: {
    Category: { signature: 's', access: 'read' },
    Id: { signature: 's', access: 'read' },
    Title: { signature: 's', access: 'read' },
    Status: { signature: 's', access: 'read' },
    WindowId: { signature: 'i', access: 'read' },
    IconName: { signature: 's', access: 'read' },
    IconPixmap: { signature: 'a(iiay)', access: 'read' },
    IconThemePath: { signature: 's', access: 'read' },
    OverlayIconName: { signature: 's', access: 'read' },
    OverlayIconPixmap: { signature: 'a(iiay)', access: 'read' },
    AttentionIconName: { signature: 's', access: 'read' },
    AttentionIconPixmap: { signature: 'a(iiay)', access: 'read' },
    AttentionMovieName: { signature: 's', access: 'read' },
    ToolTip: { signature: '(sa(iiay)ss)', access: 'read' },
    ItemIsMenu: { signature: 'b', access: 'read' },
    Menu: { signature: 'o', access: 'read' },
  },
  methods: {
    Activate: { inSignature: 'ii' },
    SecondaryActivate: { inSignature: 'ii' },
    ContextMenu: { inSignature: 'ii' },
    Scroll: { inSignature: 'is' },
    ProvideXdgActivationToken: { inSignature: 's' },
  },
  signals: { NewIcon: {}, NewAttentionIcon: {}, NewTitle: {}, NewToolTip: {}, NewStatus: { signature: 's' } },
});

const pixmapsOf = (icon: IconState): readonly Pixmap[] =>
  SIZES.map(size => [size, size, argb(drawIcon(icon, size))] as const);

function argb(rgba: Uint8Array): Buffer {
  const pixels = Buffer.alloc(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    pixels.set(rgba.subarray(at, at + 3), at + 1);
    pixels[at] = rgba[at + 3] ?? 0;
  }
  return pixels;
}
