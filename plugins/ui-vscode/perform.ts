import { unreachable } from '../../sdk/base/unreachable.ts';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { checkPageFile, checkPageLink } from '../../sdk/client/page-link.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { Overview } from '../../sdk/wording/attention.ts';
import { describeOutcome } from '../../sdk/wording/attempt.ts';
import { counted } from '../../sdk/wording/sentence.ts';
import { offersSignIn } from '../../sdk/wording/sign-in-advice.ts';
import { nameLabel } from '../../sdk/wording/session-line.ts';
import { sessionActions } from './choices.ts';
import { asLabel, asMessage } from './foreign-text.ts';
import type { DaemonAction } from './model.ts';
import { runSignIn } from './run-sign-in.ts';
import { signInOf } from './sign-in.ts';
import { typeSignIn } from './terminals.ts';
import { pick, type VsCode } from './vscode.ts';

/** What such an action works with. */
export type Scene = {
  readonly vscode: VsCode;
  readonly client: KeepaliveClient;
  readonly overview: Overview;
  /** Opens a file in the browser of this machine. Resolves with false if that is not possible. */
  readonly browse: (file: string) => Promise<boolean>;
};

/** How long a result stays in the status bar. */
const RESULT_MS = 8_000;

export async function perform(action: DaemonAction, scene: Scene): Promise<void> {
  const { client } = scene;
  switch (action.do) {
    case 'choose':
      return choose(find(action.id, scene), scene);
    case 'refresh':
      return refresh(action.ids, scene);
    case 'pause':
      return void (await client.request('session/pause', { id: action.id }));
    case 'resume':
    case 'retry':
      return void (await client.request('session/resume', { id: action.id }));
    case 'enable':
      return void (await client.request('session/configure', { id: action.id, policy: { enabled: true } }));
    case 'sign-in':
      return signIn(find(action.id, scene), scene);
    case 'explain':
      return explain(find(action.id, scene), scene);
    case 'open-settings':
      return openSettings(scene);
    default:
      return unreachable(action);
  }
}

/** It may have been removed while the user chose. */
function find(id: string, { overview }: Scene): Session {
  const found = overview.sessions.find(session => session.id === id);
  if (!found) throw new Error(`There is no session "${id}" any more.`);
  return found;
}

async function choose(session: Session, scene: Scene): Promise<void> {
  const { sessions } = scene.overview;
  const action = await pick(scene.vscode, nameLabel(session, sessions), sessionActions(session, scene.overview));
  if (action) await perform(action, scene);
}

async function refresh(ids: readonly string[], { vscode, client, overview }: Scene): Promise<void> {
  const { window, ProgressLocation } = vscode;
  const named = overview.sessions.find(({ id }) => ids.length === 1 && id === ids[0])?.displayName;
  const title = asLabel(`Refreshing ${named ?? counted(ids.length, 'session')}`);
  const settled = await window.withProgress({ location: ProgressLocation.Window, title }, () =>
    Promise.all(ids.map(id => client.request('session/refresh', { id }))),
  );
  const results = settled.flatMap(({ displayName, lastAttempt }) =>
    lastAttempt ? [`${displayName}: ${describeOutcome(lastAttempt)}`] : [],
  );
  window.setStatusBarMessage(asLabel(results.join(', ')), RESULT_MS);
}

/** keepalive runs the sign-in if it can. Otherwise the user types the vendor's command in a terminal. */
async function signIn(session: Session, { vscode, client, overview }: Scene): Promise<void> {
  if (offersSignIn(session, overview.notices)) return runSignIn(session, vscode, client);
  const way = signInOf(session, overview.notices);
  // What the user saw may be out of date.
  if (!way) return void vscode.window.showInformationMessage(asMessage(`${session.displayName} needs no sign-in now.`));
  if (way.command === undefined) return void vscode.window.showInformationMessage(asMessage(way.hint));
  typeSignIn(vscode, session, way);
}

async function explain({ id, displayName }: Session, { vscode, client }: Scene): Promise<void> {
  const { text } = await client.request('session/explain', { id });
  await vscode.window.showInformationMessage(asMessage(displayName), { modal: true, detail: text });
}

/** A link as a program's argument can be seen by other users, so a browser on this machine gets it in a file. */
async function openSettings({ vscode, client, browse }: Scene): Promise<void> {
  const { env, Uri, UIKind } = vscode;
  if (env.remoteName === undefined && env.uiKind === UIKind.Desktop) {
    const file = await checkPageFile(await client.request('page/open', { file: true }), client.origin);
    if (await browse(file)) return;
  }
  const url = checkPageLink(await client.request('page/open'), client.origin);
  await env.openExternal(Uri.parse(url, true));
}
