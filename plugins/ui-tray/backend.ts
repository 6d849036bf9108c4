import type { Action, TrayModel } from './model.ts';

/** A tray on the screen. */
export interface Backend {
  show(model: TrayModel): void;
  /** What a person should know of where it is shown. */
  readonly hint?: string | undefined;
  /** Rejects when it cannot be shown any more. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** A platform's way of showing a tray. Where there can be none the answer says why, and that is not an error. */
export type OpenBackend = (options: {
  /** Only one tray of this name is shown at a time. */
  readonly name: string;
  readonly model: TrayModel;
  readonly onAction: (action: Action) => void;
}) => Promise<Backend | { readonly absent: string }>;

/** The one of this platform. Nothing of another one is loaded. */
export async function platformBackend(platform: NodeJS.Platform = process.platform): Promise<OpenBackend> {
  switch (platform) {
    case 'win32':
      return (await import('./windows/backend.ts')).openWindows;
    case 'darwin':
      return (await import('./macos/backend.ts')).openMacos;
    default:
      return (await import('./linux/backend.ts')).openLinux;
  }
}
