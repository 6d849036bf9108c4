import type { Notice } from '../../../sdk/contract/session.ts';
import { oneLine } from './width.ts';

/** A notice on one line, with what the user can do unless the text has that already. */
export function describeNotice({ title, body, action }: Notice): string {
  const text = [title, body].filter(Boolean).join(': ');
  return oneLine(action && !text.includes(action) ? `${text} ${action}` : text);
}

/** The text on one line, with a full stop. It may end with a sentence in brackets. */
export const sentence = (text: string): string => oneLine(text).replace(/(?<=\S)(?<![.!?]\)?)$/, '.');
