import type { Notice } from '../../../sdk/contract/session.ts';
import { oneLine } from './width.ts';

/** A notice as a line: what it is about, what is so, and what a person can do where that is not said yet. */
export function describeNotice({ title, body, action }: Notice): string {
  const said = [title, body].filter(Boolean).join(': ');
  return oneLine(action && !said.includes(action) ? `${said} ${action}` : said);
}
