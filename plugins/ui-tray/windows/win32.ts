import { array, load, pointer, proto, struct } from 'koffi';

/** The Windows API that a tray icon needs. Handles and addresses fit into numbers: both stay below 2^53. */

export type WindowProcedure = (window: number, message: number, wParam: number, lParam: number) => number;

struct('GUID', { bytes: array('uint8_t', 16) });
struct('POINT', { x: 'int32', y: 'int32' });
struct('MSG', {
  hwnd: 'intptr_t',
  message: 'uint32',
  wParam: 'uintptr_t',
  lParam: 'intptr_t',
  time: 'uint32',
  pt: 'POINT',
  lPrivate: 'uint32',
});
export const windowProcedure = pointer(
  proto('intptr_t __stdcall WindowProcedure(intptr_t window, uint32_t message, uintptr_t wParam, intptr_t lParam)'),
);
export const windowClass = struct('WNDCLASSEXW', {
  cbSize: 'uint32',
  style: 'uint32',
  lpfnWndProc: windowProcedure,
  cbClsExtra: 'int',
  cbWndExtra: 'int',
  hInstance: 'intptr_t',
  hIcon: 'intptr_t',
  hCursor: 'intptr_t',
  hbrBackground: 'intptr_t',
  lpszMenuName: 'str16',
  lpszClassName: 'str16',
  hIconSm: 'intptr_t',
});
export const iconData = struct('NOTIFYICONDATAW', {
  cbSize: 'uint32',
  hWnd: 'intptr_t',
  uID: 'uint32',
  uFlags: 'uint32',
  uCallbackMessage: 'uint32',
  hIcon: 'intptr_t',
  szTip: array('char16', 128, 'String'),
  dwState: 'uint32',
  dwStateMask: 'uint32',
  szInfo: array('char16', 256, 'String'),
  uVersion: 'uint32',
  szInfoTitle: array('char16', 64, 'String'),
  dwInfoFlags: 'uint32',
  guidItem: 'GUID',
  hBalloonIcon: 'intptr_t',
});

export type Message = { readonly hwnd?: number; readonly message?: number };
export type Point = { readonly x?: number; readonly y?: number };

const user32 = load('user32.dll');
const shell32 = load('shell32.dll');
const kernel32 = load('kernel32.dll');

export const RegisterClassExW: (definition: object) => number = user32.func(
  'uint16 __stdcall RegisterClassExW(WNDCLASSEXW *definition)',
);
type WindowParameters = [
  extended: number,
  className: string,
  title: string,
  style: number,
  x: number,
  y: number,
  width: number,
  height: number,
  parent: number,
  menu: number,
  instance: number,
  parameter: null,
];
export const CreateWindowExW: (...parameters: WindowParameters) => number = user32.func(
  'intptr_t __stdcall CreateWindowExW(uint32, str16, str16, uint32, int, int, int, int,' +
    ' intptr_t, intptr_t, intptr_t, void *)',
);
export const FindWindowW: (className: string, title: null) => number = user32.func(
  'intptr_t __stdcall FindWindowW(str16, str16)',
);
export const DefWindowProcW: WindowProcedure = user32.func(
  'intptr_t __stdcall DefWindowProcW(intptr_t, uint32, uintptr_t, intptr_t)',
);
export const GetMessageW: (message: Message, window: number, from: number, to: number) => number = user32.func(
  'int __stdcall GetMessageW(_Out_ MSG *, intptr_t, uint32, uint32)',
);
export const TranslateMessage: (message: Message) => number = user32.func('int __stdcall TranslateMessage(MSG *)');
export const DispatchMessageW: (message: Message) => number = user32.func('intptr_t __stdcall DispatchMessageW(MSG *)');
export const PostMessageW: (window: number, message: number, wParam: number, lParam: number) => number = user32.func(
  'int __stdcall PostMessageW(intptr_t, uint32, uintptr_t, intptr_t)',
);
export const PostQuitMessage: (code: number) => void = user32.func('void __stdcall PostQuitMessage(int)');
export const RegisterWindowMessageW: (name: string) => number = user32.func(
  'uint32 __stdcall RegisterWindowMessageW(str16)',
);
export const CreatePopupMenu: () => number = user32.func('intptr_t __stdcall CreatePopupMenu()');
export const AppendMenuW: (menu: number, flags: number, id: number, label: string | null) => number = user32.func(
  'int __stdcall AppendMenuW(intptr_t, uint32, uintptr_t, str16)',
);
export const DestroyMenu: (menu: number) => number = user32.func('int __stdcall DestroyMenu(intptr_t)');
type PopupParameters = [
  menu: number,
  flags: number,
  x: number,
  y: number,
  reserved: number,
  window: number,
  area: null,
];
export const TrackPopupMenu: (...parameters: PopupParameters) => number = user32.func(
  'int __stdcall TrackPopupMenu(intptr_t, uint32, int, int, int, intptr_t, void *)',
);
export const SetForegroundWindow: (window: number) => number = user32.func(
  'int __stdcall SetForegroundWindow(intptr_t)',
);
export const GetCursorPos: (point: Point) => number = user32.func('int __stdcall GetCursorPos(_Out_ POINT *)');
type IconParameters = [
  instance: number,
  width: number,
  height: number,
  planes: number,
  bitsPerPixel: number,
  mask: Buffer,
  colours: Buffer,
];
export const CreateIcon: (...parameters: IconParameters) => number = user32.func(
  'intptr_t __stdcall CreateIcon(intptr_t, int, int, uint8, uint8, uint8 *, uint8 *)',
);
export const DestroyIcon: (icon: number) => number = user32.func('int __stdcall DestroyIcon(intptr_t)');
export const Shell_NotifyIconW: (message: number, data: object) => number = shell32.func(
  'int __stdcall Shell_NotifyIconW(uint32, NOTIFYICONDATAW *)',
);
export const GetModuleHandleW: (name: null) => number = kernel32.func('intptr_t __stdcall GetModuleHandleW(void *)');
