import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { StatusItem } from './model.ts';
import type { VsCode } from './vscode.ts';

export type StatusBar = { readonly show: (item: StatusItem) => void; readonly dispose: Cleanup };

const BACKGROUNDS = {
  error: 'statusBarItem.errorBackground',
  warning: 'statusBarItem.warningBackground',
} as const;

/** An item on the right, which runs the command when it is clicked. */
export function openStatusBar(
  { window, StatusBarAlignment, MarkdownString, ThemeColor }: VsCode,
  command: string,
): StatusBar {
  const item = window.createStatusBarItem('keepalive', StatusBarAlignment.Right, 90);
  item.name = 'Keepalive';
  item.command = command;
  let shown = '';
  return {
    show(next) {
      // Setting the tooltip closes the one that is open.
      const text = JSON.stringify(next);
      if (text === shown) return;
      shown = text;
      item.text = next.text;
      item.accessibilityInformation = { label: next.label, role: 'button' };
      // Not trusted: no link in it runs a command.
      item.tooltip = new MarkdownString(next.tooltip, true);
      item.backgroundColor = next.urgency && new ThemeColor(BACKGROUNDS[next.urgency]);
      item.show();
    },
    dispose: () => item.dispose(),
  };
}
