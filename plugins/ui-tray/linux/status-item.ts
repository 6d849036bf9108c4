import { drawIcon } from '../icon.ts';
import type { IconState, TrayModel } from '../model.ts';
import { Exported, readOnly } from './exported.ts';

type Pixmap = readonly [width: number, height: number, argb: Buffer];

/** Common panel heights, at normal and double density. */
const SIZES = [22, 32, 48];

/** The icon as panels read it: org.kde.StatusNotifierItem. */
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

  /** Never `Passive`: panels then remove the menu with the icon. */
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

  /** A click, on panels that do not open the menu with it. */
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
    Category: readOnly('s'),
    Id: readOnly('s'),
    Title: readOnly('s'),
    Status: readOnly('s'),
    WindowId: readOnly('i'),
    IconName: readOnly('s'),
    IconPixmap: readOnly('a(iiay)'),
    IconThemePath: readOnly('s'),
    OverlayIconName: readOnly('s'),
    OverlayIconPixmap: readOnly('a(iiay)'),
    AttentionIconName: readOnly('s'),
    AttentionIconPixmap: readOnly('a(iiay)'),
    AttentionMovieName: readOnly('s'),
    ToolTip: readOnly('(sa(iiay)ss)'),
    ItemIsMenu: readOnly('b'),
    Menu: readOnly('o'),
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
