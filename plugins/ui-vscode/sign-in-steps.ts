import type { CancellationToken } from 'vscode';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { LoginState, StartedLogin } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { describeLoginState, signInCaution, signInHeader } from '../../sdk/wording/sign-in.ts';
import { asMessage } from './foreign-text.ts';
import { parseHint } from './sign-in.ts';
import { typeSignIn } from './terminals.ts';
import type { VsCode } from './vscode.ts';

/** What the states of a sign-in are shown with. */
export type Steps = {
  readonly vscode: VsCode;
  readonly client: KeepaliveClient;
  readonly session: Session;
  readonly started: StartedLogin;
  /** Shows a text in the progress message. */
  readonly say: (text: string) => void;
};

type Asking<Name extends LoginState['name']> = Extract<LoginState, { readonly name: Name }>;

const OPEN = 'Open the Address';
const COPY = 'Copy the Code and Open the Address';
const ENTER = 'Enter a Code';
const KEEP = 'Keep This Account';

/** Shows a state that does not end the sign-in, and does what the user answers. `over` is set by the next state. */
export async function showStep(state: LoginState, steps: Steps, over: CancellationToken): Promise<void> {
  const { session, started, say } = steps;
  const text = asMessage(describeLoginState(state, { displayName: session.displayName, machine: started.machine }));
  switch (state.name) {
    case 'open':
      say(state.userCode === undefined ? text : `Enter the code ${state.userCode} at the address.`);
      return open(state, text, steps, over);
    case 'code':
      say(text);
      return enterCode(state, text, steps, over);
    case 'manual':
      say(text);
      return showManual(state, steps);
    case 'confirm':
      say(text);
      return confirm(text, steps, over);
    default:
      return say(text);
  }
}

/** Asks in a dialog that names machine, session, account and hosts, before an address is opened. */
async function askToOpen(detail: string, steps: Steps, ...buttons: readonly string[]): Promise<string | undefined> {
  const { vscode, session, started } = steps;
  const lines = [detail, signInCaution(started)].join('\n\n');
  const header = asMessage(signInHeader(session.displayName, started));
  return vscode.window.showInformationMessage(header, { modal: true, detail: lines }, ...buttons);
}

async function open(
  { url, userCode }: Asking<'open'>,
  text: string,
  steps: Steps,
  over: CancellationToken,
): Promise<void> {
  const { env, Uri } = steps.vscode;
  const detail = userCode === undefined ? text : `${text}\n\nCode: ${userCode}`;
  const pressed = await askToOpen(detail, steps, userCode === undefined ? OPEN : COPY);
  if (over.isCancellationRequested) return;
  if (pressed === undefined) return cancel(steps);
  if (userCode !== undefined) await env.clipboard.writeText(userCode);
  await env.openExternal(Uri.parse(url, true));
}

/** After a code that was not accepted, the address is open already. */
async function enterCode(
  { url, problem }: Asking<'code'>,
  text: string,
  steps: Steps,
  over: CancellationToken,
): Promise<void> {
  const { client, started, vscode } = steps;
  const pressed = problem === undefined ? await askToOpen(text, steps, OPEN, ENTER) : ENTER;
  if (over.isCancellationRequested) return;
  if (pressed === OPEN) await vscode.env.openExternal(vscode.Uri.parse(url, true));
  const typed =
    pressed &&
    (await vscode.window.showInputBox(
      {
        title: asMessage(signInHeader(steps.session.displayName, started)),
        prompt: text,
        placeHolder: 'The code that the vendor shows',
        password: false,
        ignoreFocusOut: true,
        validateInput: value => (value.trim() === '' ? 'Enter the code.' : undefined),
      },
      over,
    ));
  if (over.isCancellationRequested) return;
  if (!typed) return cancel(steps);
  await client.request('login/answer', { login: started.login, text: typed });
}

/** What the user does in the vendor's program is typed into a terminal, if it is a command. */
async function showManual({ hint }: Asking<'manual'>, { vscode, session }: Steps): Promise<void> {
  const way = parseHint(hint);
  if (way.command === undefined) return void vscode.window.showInformationMessage(asMessage(way.hint));
  typeSignIn(vscode, session, way);
}

async function confirm(text: string, { vscode, client, session, started }: Steps, over: CancellationToken) {
  const detail = signInHeader(session.displayName, started);
  const pressed = await vscode.window.showWarningMessage(text, { modal: true, detail }, KEEP);
  if (over.isCancellationRequested) return;
  await client.request('login/answer', { login: started.login, text: pressed === KEEP ? 'keep' : 'refuse' });
}

const cancel = async ({ client, started: { login } }: Steps): Promise<void> =>
  void (await client.request('login/cancel', { login }));
