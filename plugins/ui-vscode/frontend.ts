import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import type { Overview } from '../../sdk/wording/attention.ts';
import { describeOurs } from '../../sdk/wording/error.ts';
import { headlineOf, NOT_RUNNING } from '../../sdk/wording/headline.ts';
import { commandChoices, mainChoices, type SessionCommand } from './choices.ts';
import { asMessage } from './foreign-text.ts';
import type { Action, Choice } from './model.ts';
import { perform } from './perform.ts';
import { showPresence, type FrontendDeps } from './presence.ts';
import { isTerminalAction, runInTerminal } from './terminals.ts';
import { pick } from './vscode.ts';

export type Frontend = {
  /** Shows what a click on the status bar offers. */
  readonly openMenu: () => Promise<void>;
  readonly run: (command: SessionCommand) => Promise<void>;
  readonly act: (action: Action) => Promise<void>;
  readonly dispose: Cleanup;
};

/** One window of the editor, attached to the daemon of one home. `menu` is the command of the status bar item. */
export function startFrontend(deps: FrontendDeps, menu: string): Frontend {
  const { vscode, now } = deps;
  const presence = showPresence(deps, menu, action => void act(action));
  const inform = (text: string, ...labels: readonly string[]) => vscode.window.showInformationMessage(text, ...labels);

  async function act(action: Action): Promise<void> {
    try {
      if (isTerminalAction(action)) return runInTerminal(vscode, action, deps.home);
      const overview = await present();
      const client = presence.client();
      if (client && overview) await perform(action, { ...deps, client, overview });
    } catch (error) {
      void vscode.window.showErrorMessage(wordsOf(error, now()));
    }
  }

  /** What the daemon said last. Without a daemon, offers to start it. */
  async function present(): Promise<Overview | undefined> {
    const kernel = presence.kernel();
    if (kernel?.is === 'there') return kernel.overview;
    presence.retry();
    if ((await inform(NOT_RUNNING, START)) === START) await act({ do: 'start' });
    return undefined;
  }

  async function choose(title: string, choices: readonly Choice[]): Promise<void> {
    const action = await pick(vscode, title, choices);
    if (action) await act(action);
  }

  return {
    act,
    async openMenu() {
      const kernel = presence.kernel();
      if (!kernel) return;
      presence.retry();
      const title = kernel.is === 'there' ? headlineOf(kernel.overview, now()) : NOT_RUNNING;
      await choose(title, mainChoices(kernel, now()));
    },
    async run(command) {
      const overview = await present();
      if (!overview) return;
      const choices = commandChoices(command, { overview, now: now() });
      if (choices.length > 0) await choose(TITLES[command], choices);
      else void inform(NOTHING[command]);
    },
    dispose: presence.dispose,
  };
}

const START = 'Start';

const TITLES: Readonly<Record<SessionCommand, string>> = {
  refresh: 'Refresh now',
  pause: 'Pause',
  resume: 'Resume',
  'sign-in': 'Sign in',
  explain: 'Explain the next attempt',
};

const NO_SESSION = 'No session is kept alive yet.';
const NOTHING: Readonly<Record<SessionCommand, string>> = {
  refresh: NO_SESSION,
  pause: 'There is no session to pause.',
  resume: 'No session is paused.',
  'sign-in': 'No session needs a sign-in.',
  explain: NO_SESSION,
};

function wordsOf(error: unknown, now: Instant): string {
  if (isKeepaliveError(error)) return asMessage(describeOurs(error, now));
  return asMessage(error instanceof Error ? error.message : String(error));
}
