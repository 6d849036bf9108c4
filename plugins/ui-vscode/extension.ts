import * as vscode from 'vscode';
import { locateHome } from '../../sdk/system/home.ts';
import { openInBrowser } from '../../sdk/system/open-in-browser.ts';
import { attach } from './attach.ts';
import type { SessionCommand } from './choices.ts';
import { startFrontend, type Frontend } from './frontend.ts';
import type { Action } from './model.ts';

const MENU = 'keepalive.menu';
const SESSION_COMMANDS: Readonly<Record<string, SessionCommand>> = {
  'keepalive.refresh': 'refresh',
  'keepalive.pause': 'pause',
  'keepalive.resume': 'resume',
  'keepalive.signIn': 'sign-in',
  'keepalive.explain': 'explain',
};
const ACTIONS: Readonly<Record<string, Action>> = {
  'keepalive.openSettings': { do: 'open-settings' },
  'keepalive.start': { do: 'start' },
  'keepalive.showLog': { do: 'show-log' },
  'keepalive.showStatus': { do: 'show-status' },
};

/** What the editor calls once it has started. */
export function activate({ subscriptions, globalState }: vscode.ExtensionContext): void {
  let frontend = open(globalState);
  const register = (command: string, run: () => Promise<void>) =>
    subscriptions.push(vscode.commands.registerCommand(command, run));

  register(MENU, () => frontend.openMenu());
  for (const [command, use] of Object.entries(SESSION_COMMANDS)) register(command, () => frontend.run(use));
  for (const [command, action] of Object.entries(ACTIONS)) register(command, () => frontend.act(action));
  subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(change => {
      if (!change.affectsConfiguration('keepalive')) return;
      void frontend.dispose();
      frontend = open(globalState);
    }),
    { dispose: () => frontend.dispose() },
  );
}

function open(memory: vscode.Memento): Frontend {
  const settings = vscode.workspace.getConfiguration('keepalive');
  const home = settings.get('home', '').trim() || undefined;
  const { endpoint } = locateHome({ ...process.env, ...(home !== undefined && { KEEPALIVE_HOME: home }) });
  return startFrontend(
    {
      vscode,
      memory,
      home,
      showsMessages: settings.get('messages', true),
      attach: listener => attach(endpoint, listener),
      browse: openInBrowser,
      now: Date.now,
    },
    MENU,
  );
}
