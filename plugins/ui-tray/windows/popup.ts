import type { Action, MenuItem } from '../model.ts';
import {
  AppendMenuW,
  CreatePopupMenu,
  DestroyMenu,
  GetCursorPos,
  PostMessageW,
  SetForegroundWindow,
  TrackPopupMenu,
  type Point,
} from './win32.ts';

const MF = { grayed: 1, checked: 8, popup: 0x10, separator: 0x800 } as const;
const TPM = { rightButton: 2, returnCommand: 0x100 } as const;

/** Shows the menu at the pointer, until an item is chosen or the menu is closed. */
export function showPopup(window: number, items: readonly MenuItem[]): Action | undefined {
  const actions: Action[] = [];
  const menu = build(items, actions);
  const point: Point = {};
  GetCursorPos(point);
  // Otherwise a click elsewhere would not close the menu. The message below is for the same reason.
  SetForegroundWindow(window);
  const chosen = TrackPopupMenu(menu, TPM.rightButton | TPM.returnCommand, point.x ?? 0, point.y ?? 0, 0, window, null);
  PostMessageW(window, 0, 0, 0);
  DestroyMenu(menu);
  return actions[chosen - 1];
}

/** Builds the menu. Items with an action are numbered from 1. */
function build(items: readonly MenuItem[], actions: Action[]): number {
  const menu = CreatePopupMenu();
  for (const item of items) {
    if (item.separator) {
      AppendMenuW(menu, MF.separator, 0, null);
      continue;
    }
    const label = item.label.replaceAll('&', '&&');
    if (item.items) AppendMenuW(menu, MF.popup, build(item.items, actions), label);
    else {
      const id = item.action ? actions.push(item.action) : 0;
      AppendMenuW(menu, (item.enabled === false ? MF.grayed : 0) | (item.checked ? MF.checked : 0), id, label);
    }
  }
  return menu;
}
