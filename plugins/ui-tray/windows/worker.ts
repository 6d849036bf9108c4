import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { register, sizeof } from 'koffi';
import { drawIcon } from '../icon.ts';
import { showPopup } from './popup.ts';
import { CLICKED, WAKE, type WorkerOrder, type WorkerReport, type WorkerStart } from './messages.ts';
import {
  CreateIcon,
  CreateWindowExW,
  DefWindowProcW,
  DestroyIcon,
  DispatchMessageW,
  FindWindowW,
  GetMessageW,
  GetModuleHandleW,
  iconData,
  PostQuitMessage,
  RegisterClassExW,
  RegisterWindowMessageW,
  Shell_NotifyIconW,
  TranslateMessage,
  windowClass,
  windowProcedure,
  type Message,
  type WindowProcedure,
} from './win32.ts';

// Runs in its own thread, because it blocks while it waits for window messages.

const NIM = { add: 0, modify: 1, remove: 2 } as const;
const NIF = { message: 1, icon: 2, tip: 4 } as const;
const [RIGHT_UP, LEFT_UP, CONTEXT_MENU] = [0x205, 0x202, 0x7b];
const SIZE = 32;
const TIP_LENGTH = 127;

const { name, model: first }: WorkerStart = workerData;
const report = (message: WorkerReport) => parentPort?.postMessage(message);
const instance = GetModuleHandleW(null);
const className = `session-keepalive-tray-${name}`;
/** The taskbar has restarted and lost all icons. */
const taskbarCreated = RegisterWindowMessageW('TaskbarCreated');

let model = first;
let icon = makeIcon();
let isOpen = false;

function makeIcon(): number {
  const pixels = drawIcon(model.icon, SIZE);
  const colours = Buffer.alloc(pixels.length);
  const mask = Buffer.alloc((SIZE * SIZE) / 8);
  for (let at = 0; at < SIZE * SIZE; at++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(at * 4, at * 4 + 4);
    colours.set([blue, green, red, alpha], at * 4);
    if (alpha === 0) mask[at >> 3] = (mask[at >> 3] ?? 0) | (0x80 >> (at & 7));
  }
  return CreateIcon(instance, SIZE, SIZE, 1, 32, mask, colours);
}

const notify = (message: number): number =>
  Shell_NotifyIconW(message, {
    cbSize: sizeof(iconData),
    hWnd: window,
    uID: 1,
    uFlags: NIF.message | NIF.icon | NIF.tip,
    uCallbackMessage: CLICKED,
    hIcon: icon,
    szTip: model.title.slice(0, TIP_LENGTH),
    dwState: 0,
    dwStateMask: 0,
    szInfo: '',
    uVersion: 0,
    szInfoTitle: '',
    dwInfoFlags: 0,
    guidItem: { bytes: Array.from({ length: 16 }, () => 0) },
    hBalloonIcon: 0,
  });

function execute(order: WorkerOrder): void {
  if ('quit' in order) {
    notify(NIM.remove);
    PostQuitMessage(0);
    return;
  }
  const [previousIcon, previousState] = [icon, model.icon];
  model = order.show;
  if (model.icon !== previousState) icon = makeIcon();
  notify(NIM.modify);
  if (icon !== previousIcon) DestroyIcon(previousIcon);
}

function openMenu(): void {
  if (isOpen) return;
  isOpen = true;
  const action = showPopup(window, model.items);
  isOpen = false;
  if (action) report({ action });
}

const procedure: WindowProcedure = (target, message, wParam, lParam) => {
  switch (message) {
    case CLICKED:
      if (lParam === RIGHT_UP || lParam === LEFT_UP || lParam === CONTEXT_MENU) openMenu();
      return 0;
    case WAKE: {
      if (!parentPort) return 0;
      for (let next = receiveMessageOnPort(parentPort); next; next = receiveMessageOnPort(parentPort))
        execute(next.message);
      return 0;
    }
    case taskbarCreated:
      notify(NIM.add);
      return 0;
    default:
      return DefWindowProcW(target, message, wParam, lParam);
  }
};

function createWindow(): number {
  RegisterClassExW({
    cbSize: sizeof(windowClass),
    style: 0,
    lpfnWndProc: register(procedure, windowProcedure),
    cbClsExtra: 0,
    cbWndExtra: 0,
    hInstance: instance,
    hIcon: 0,
    hCursor: 0,
    hbrBackground: 0,
    lpszMenuName: null,
    lpszClassName: className,
    hIconSm: 0,
  });
  return CreateWindowExW(0, className, 'Session Keepalive', 0, 0, 0, 0, 0, 0, 0, instance, null);
}

const isShownElsewhere = FindWindowW(className, null) !== 0;
const window = isShownElsewhere ? 0 : createWindow();

if (isShownElsewhere) report({ absent: 'The tray is already shown.' });
else {
  // Fails if no taskbar is running yet. `TaskbarCreated` is posted when one starts.
  notify(NIM.add);
  report({ shown: true, window });
  const message: Message = {};
  while (GetMessageW(message, 0, 0, 0) > 0) {
    TranslateMessage(message);
    DispatchMessageW(message);
  }
}
