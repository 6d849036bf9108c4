import { createRequire } from 'node:module';
import { isRecord } from '../../../sdk/base/json.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { oneLine } from './width.ts';

/** A notice on one line, with what the user can do unless the text has that already. */
export function describeNotice({ title, body, action }: Notice): string {
  const text = [title, body].flatMap(part => (part ? [sentence(part)] : [])).join(' ');
  return oneLine(action && !text.includes(action) ? `${text} ${action}` : text);
}

const manifest: unknown = createRequire(import.meta.url)('session-keepalive/package.json');

/** The version of this program. */
export const VERSION = isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '';
