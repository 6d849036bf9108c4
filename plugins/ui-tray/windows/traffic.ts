import type { Action, TrayModel } from '../model.ts';

/** What the thread that shows the icon is started with. */
export type Start = { readonly name: string; readonly model: TrayModel };

/** What it is told, and then woken with a window message of this number. */
export type Order = { readonly show: TrayModel } | { readonly quit: true };
export const WAKE = 0x8000;

/** What it tells. */
export type Report =
  | { readonly shown: true; readonly window: number }
  | { readonly absent: string }
  | { readonly action: Action };
