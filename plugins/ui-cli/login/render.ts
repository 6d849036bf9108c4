import type { LoginState, StartedLogin } from '../../../sdk/contract/rpc.ts';
import { printableLine } from '../../../sdk/base/printable.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import {
  describeLoginState,
  loginEndsAt,
  signInCaution,
  signInHeader,
  spacedCode,
  timeLeft,
} from '../../../sdk/wording/sign-in.ts';
import { statusOf } from '../../../sdk/wording/status.ts';
import type { View } from '../render/view.ts';
import { displayWidth, truncate, wrap } from '../render/width.ts';
import type { QrCode } from './qr-code.ts';

/** A sign-in, and the name of its session. */
export type Subject = { readonly started: StartedLogin; readonly displayName: string };

/** What the user must know before an address or a code is shown. */
export function renderIntroduction(
  { started, displayName }: Subject,
  session: Session | undefined,
  view: View,
): string {
  const { width, now, paint } = view;
  const header = wrap(signInHeader(displayName, started), width);
  return [
    ...header.split('\n').map(line => paint('bold', line)),
    wrap(signInCaution(started), width),
    ...(session && statusOf(session, now) === 'alive' ? [wrap(ALIVE, width)] : []),
    '',
  ].join('\n');
}

const ALIVE = 'The session is alive and needs no sign-in. A new login replaces the one it has.';

/** What the user does now. */
export const renderStep = (state: LoginState, { started, displayName }: Subject, { width }: View): string =>
  wrap(describeLoginState(state, { displayName, machine: started.machine }), width);

export function renderDone(state: LoginState, subject: Subject, view: View): string {
  const mark = '✓ ';
  const text = renderStep(state, subject, { ...view, width: view.width - mark.length });
  return view.paint('green', mark) + text;
}

/** The address on a line alone and as it is, however long: a terminal copies its own line breaks as none. */
export function renderAddress(url: string, code: QrCode | undefined, { width, paint }: View): string {
  const picture =
    code === undefined
      ? []
      : code.fits
        ? ['', code.text]
        : ['', paint('dim', wrap(`Its QR code needs a terminal of ${code.columns} × ${code.rows}.`, width))];
  return ['', printableLine(url), ...picture].join('\n');
}

/** A code to enter elsewhere, large and as it is. */
export function renderUserCode(code: string, { width, paint }: View): string {
  const text = printableLine(code);
  const large = `   ${spacedCode(text)}`;
  return ['', ...(displayWidth(large) <= width ? [paint('bold', large), ''] : []), `To copy: ${text}`].join('\n');
}

/** The line at the bottom of a terminal, redrawn as time passes. `typed` is undefined once the answer is sent. */
export function renderWait(
  state: LoginState,
  { started, displayName }: Subject,
  typed: number | undefined,
  view: View,
): string {
  const { width, now, paint } = view;
  const left = timeLeft(loginEndsAt(state, started), now);
  if (state.name === 'code' && typed !== undefined) return promptFor(`(${left}, Ctrl-C cancels)`, typed, width);
  if (state.name === 'confirm' && typed !== undefined)
    return truncate(`y keeps it, n pauses the session (${left})`, width);
  return `${paint('cyan', '↻')} ${truncate(waitText(), width - 2)}`;

  function waitText(): string {
    const aside = `(${left}, Ctrl-C cancels)`;
    if (state.name === 'code' || state.name === 'confirm') return `Checking ${aside}`;
    if (state.name === 'open' || state.name === 'manual') return waitingFor(aside, width - 2);
    return describeLoginState(state, { displayName, machine: started.machine });
  }
}

/** How to end the wait has to be readable at 40 columns, too. */
function waitingFor(aside: string, width: number): string {
  const text = `Waiting for you ${aside}`;
  return displayWidth(text) <= width ? text : `Waiting ${aside}`;
}

/** A code is not shown, only how long it is. */
function promptFor(aside: string, typed: number, width: number): string {
  const label = 'Code:';
  const room = Math.max(1, width - label.length - aside.length - 2);
  return truncate(`${label} ${'•'.repeat(Math.min(typed, room))} ${aside}`, width);
}
