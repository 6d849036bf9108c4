import { createRequire } from 'node:module';
import { isRecord } from '../../../sdk/base/json.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { oneLine } from './width.ts';

/** A notice on one line, with what the user can do unless the text has that already. */
export function describeNotice({ title, body, action }: Notice): string {
  const text = [title, body].filter(Boolean).join(': ');
  return oneLine(action && !text.includes(action) ? `${text} ${action}` : text);
}

/** The text on one line, with a full stop. It may end with a sentence in brackets. */
export const sentence = (text: string): string => oneLine(text).replace(/(?<=\S)(?<![.!?]\)?)$/, '.');

const manifest: unknown = createRequire(import.meta.url)('session-keepalive/package.json');

/** The version of this program. */
export const VERSION = isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '';

/** What the user can do if the daemon is of another version. Undefined if it is of this one. */
export function describeSkew(daemonVersion: string): string | undefined {
  if (daemonVersion === VERSION) return undefined;
  return `The daemon is version ${daemonVersion}, this is ${VERSION}: run \`keepalive restart\` to update.`;
}
