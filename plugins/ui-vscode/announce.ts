import type { Memento } from 'vscode';
import type { Notice } from '../../sdk/contract/session.ts';
import { messagesOf, type Message } from './messages.ts';
import type { Action } from './model.ts';
import type { VsCode } from './vscode.ts';

export type Announcer = {
  readonly vscode: VsCode;
  /** What was shown. All windows share it, and it outlives them. */
  readonly memory: Memento;
  /** Identifies the daemon's home in it. */
  readonly home: string;
  readonly act: (action: Action) => void;
};

/**
 * Shows each message once, in the window that the user looks at. The editor cannot take back a message, so one whose
 * notice is cleared before the user comes back is never shown.
 */
export async function announce(notices: readonly Notice[], announcer: Announcer): Promise<void> {
  const { vscode, memory, home } = announcer;
  if (!vscode.window.state.focused) return;
  const key = `messages ${home}`;
  const seen = memory.get<readonly string[]>(key, []);
  const messages = messagesOf(notices);
  const fresh = messages.filter(message => !seen.includes(message.key));
  // A cleared notice is forgotten. Raised again, it has another key.
  const kept = messages.map(message => message.key);
  if (kept.join('\n') !== seen.join('\n')) void memory.update(key, kept);
  await Promise.all(fresh.map(message => show(message, announcer)));
}

async function show({ text, buttons }: Message, { vscode, act }: Announcer): Promise<void> {
  const labels = buttons.map(({ label }) => label);
  const pressed = await vscode.window.showWarningMessage(text, ...labels);
  const button = buttons.find(({ label }) => label === pressed);
  if (button) act(button.action);
}
