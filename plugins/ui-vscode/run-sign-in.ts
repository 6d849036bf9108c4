import type { CancellationToken } from 'vscode';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { LoginState } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { describeLoginState, isLoginOver, signInTitle } from '../../sdk/wording/sign-in.ts';
import { asLabel, asMessage } from './foreign-text.ts';
import { showStep, type Steps } from './sign-in-steps.ts';
import type { VsCode } from './vscode.ts';

type Change = { readonly login: string; readonly state: LoginState };

/**
 * Runs a sign-in of the daemon in the editor. Its addresses open on the user's side, which may not be the daemon's
 * machine. Closing the progress message cancels it.
 */
export async function runSignIn(session: Session, vscode: VsCode, client: KeepaliveClient): Promise<void> {
  const { ProgressLocation, window } = vscode;
  const early: Change[] = [];
  let take = (change: Change): void => void early.push(change);
  const stop = client.on('login/didChange', change => take(change));
  try {
    const started = await client.request('login/start', { id: session.id, device: true });
    const title = asLabel(signInTitle(session.displayName, started));
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    await window.withProgress(options, (progress, closed) => {
      const steps: Steps = { vscode, client, session, started, say: message => progress.report({ message }) };
      closed.onCancellationRequested(() => void cancel(client, started.login));
      return ended(steps, hear => {
        take = ({ login, state }) => {
          if (login === started.login) hear(state);
        };
        for (const change of early) take(change);
      });
    });
  } finally {
    void stop();
  }
}

/** It may have ended meanwhile. */
const cancel = (client: KeepaliveClient, login: string): Promise<unknown> =>
  client.request('login/cancel', { login }).catch(() => undefined);

/** Shows the states as they come, each in the place of the one before. Resolves when the sign-in has ended. */
async function ended(steps: Steps, listen: (hear: (state: LoginState) => void) => void): Promise<void> {
  const { vscode, client } = steps;
  let shown = new vscode.CancellationTokenSource();
  let stop: Cleanup = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = client.onStatus(() => reject(new KeepaliveError('KA_RPC_CONNECTION_LOST')));
      listen(state => {
        shown.cancel();
        shown = new vscode.CancellationTokenSource();
        const { token } = shown;
        show(state, steps, token).then(
          isOver => isOver && resolve(),
          (error: unknown) => token.isCancellationRequested || reject(error),
        );
      });
    });
  } finally {
    shown.cancel();
    void stop();
  }
}

/** Whether the state ends the sign-in. Throws if it has failed. */
async function show(state: LoginState, steps: Steps, over: CancellationToken): Promise<boolean> {
  const { vscode, session, started } = steps;
  if (state.name === 'failed') throw new Error(state.message);
  if (!isLoginOver(state)) {
    await showStep(state, steps, over);
    return false;
  }
  const text = describeLoginState(state, { displayName: session.displayName, machine: started.machine });
  if (state.name === 'done' || state.message !== undefined) void vscode.window.showInformationMessage(asMessage(text));
  return true;
}
