import { printableLine } from '../../sdk/base/printable.ts';
import type { Notice, Session } from '../../sdk/contract/session.ts';
import { endsSoon } from '../../sdk/wording/sign-in-advice.ts';

/** How to sign in to a session, as its provider describes it. */
export type SignIn = {
  /** The whole description: sentences, with commands in backquotes. */
  readonly hint: string;
  /** What to type in a terminal. Absent for a sign-in elsewhere, as in a browser. */
  readonly command?: string | undefined;
  /** The variables with which to type it: those of a second account. */
  readonly env?: Readonly<Record<string, string>> | undefined;
};

/** `codex login` with CODEX_HOME=/home/me/.codex-work */
const COMMAND = /`([^`]+)`(?: with ([A-Z][A-Z0-9_]*)=(.+?)(?=[.,](?:\s|$)|$))?/;

/** Undefined if the session does not need a sign-in. */
export function signInOf(session: Session, notices: readonly Notice[]): SignIn | undefined {
  const { state } = session;
  const ending = endsSoon(session, notices);
  const isOver = state.name === 'halted' && (state.why === 'login-required' || state.why === 'unavailable');
  const hint = isOver ? state.hint : ending && (ending.action ?? ending.title);
  return hint === undefined ? undefined : parseHint(hint);
}

/** A command is one line: what is typed must not press Enter. */
export function parseHint(hint: string): SignIn {
  const text = printableLine(hint);
  const [, command, name, value] = COMMAND.exec(text) ?? [];
  return { hint: text, command, ...(name && value ? { env: { [name]: value } } : {}) };
}
