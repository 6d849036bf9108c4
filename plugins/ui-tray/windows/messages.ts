import type { Action, TrayModel } from '../model.ts';

/** The `workerData` of the thread that shows the icon. */
export type WorkerStart = { readonly name: string; readonly model: TrayModel };

/** Posted to the thread, which is then woken with the window message `WAKE`. */
export type WorkerOrder = { readonly show: TrayModel } | { readonly quit: true };

/** Posted by the thread. */
export type WorkerReport =
  | { readonly shown: true; readonly window: number }
  | { readonly absent: string }
  | { readonly action: Action };

/** Window messages, from the range that Windows reserves for applications. */
export const WAKE = 0x8000;
export const CLICKED = 0x8001;
