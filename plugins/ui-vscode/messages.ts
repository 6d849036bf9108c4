import type { Notice, NoticeCode } from '../../sdk/contract/session.ts';
import { sentence } from '../../sdk/wording/sentence.ts';
import { asMessage } from './foreign-text.ts';
import type { Action } from './model.ts';

/** A message with buttons. */
export type Message = {
  /** Identifies the notice and when it was raised. */
  readonly key: string;
  readonly text: string;
  readonly buttons: readonly { readonly label: string; readonly action: Action }[];
};

/** Other notices show in the status bar alone. */
const CODES: readonly NoticeCode[] = ['login-required', 'login-ends-soon'];

/** A message for each login that is needed or ends soon. */
export const messagesOf = (notices: readonly Notice[]): readonly Message[] =>
  notices.filter(({ code }) => CODES.includes(code)).map(messageOf);

function messageOf({ id, session, title, body, action = '', raisedAt }: Notice): Message {
  return {
    key: `${id}@${raisedAt}`,
    text: asMessage([title, body, action].filter(Boolean).map(sentence).join(' ')),
    buttons: [
      { label: 'Sign in', action: { do: 'sign-in', id: session } },
      { label: 'Explain', action: { do: 'explain', id: session } },
    ],
  };
}
