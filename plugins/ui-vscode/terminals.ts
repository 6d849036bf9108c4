import { homedir } from 'node:os';
import type { Session } from '../../sdk/contract/session.ts';
import type { Action, TerminalAction } from './model.ts';
import type { SignIn } from './sign-in.ts';
import type { VsCode } from './vscode.ts';

/** Commands of ours, which run in a terminal so that the user sees them. */
const COMMANDS = {
  start: 'keepalive start',
  'show-log': 'keepalive logs --follow',
  'show-status': 'keepalive status --watch',
} as const satisfies Readonly<Record<TerminalAction['do'], string>>;

export const isTerminalAction = (action: Action): action is TerminalAction => Object.hasOwn(COMMANDS, action.do);

/** `home` is the setting, if there is one. */
export function runInTerminal({ window }: VsCode, { do: name }: TerminalAction, home: string | undefined): void {
  const terminal = window.createTerminal({
    name: 'Keepalive',
    // Some shells search the working directory for programs, and a workspace may contain one of that name.
    cwd: homedir(),
    ...(home !== undefined && { env: { KEEPALIVE_HOME: home } }),
  });
  terminal.show();
  terminal.sendText(COMMANDS[name]);
}

/** The command comes from a plugin, so it is typed but not run: the user reads it, and presses Enter. */
export function typeSignIn({ window }: VsCode, { displayName }: Session, { hint, command = '', env }: SignIn): void {
  const terminal = window.createTerminal({
    name: `Sign in: ${displayName}`,
    cwd: homedir(),
    message: hint,
    ...(env && { env }),
  });
  terminal.show();
  terminal.sendText(command, false);
}
