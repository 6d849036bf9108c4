import type { Action, TrayModel } from './model.ts';

/** A tray icon on the screen. */
export interface Backend {
  show(model: TrayModel): void;
  /** A hint about where the icon appears. */
  readonly hint?: string | undefined;
  /** Rejects when the icon can no longer be shown. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** Shows a tray icon on one platform. Resolves with the reason if there can be none, which is not an error. */
export type OpenBackend = (options: {
  /** Only one tray of this name is shown at a time. */
  readonly name: string;
  readonly model: TrayModel;
  readonly onAction: (action: Action) => void;
}) => Promise<Backend | { readonly absent: string }>;
