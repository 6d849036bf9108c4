import { timestamp } from '../../../sdk/wording/time.ts';
import type { Style, View } from './view.ts';
import { oneLine } from './width.ts';

const STYLES: Readonly<Record<string, Style>> = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green' };

export type LogEntry = Readonly<Record<string, unknown>>;

/** A line of the log for people: the local time, the level, the message and the other fields. */
export function renderLogEntry({ time, level, msg, ...fields }: LogEntry, { paint }: View): string {
  const at = Date.parse(String(time));
  const name = String(level);
  const inWords = (value: unknown) => oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return [
    paint('dim', Number.isNaN(at) ? String(time) : timestamp(at)),
    paint(STYLES[name] ?? 'dim', name.padEnd(5)),
    oneLine(String(msg ?? '')),
    ...Object.entries(fields).map(([key, value]) => paint('dim', `${key}=${inWords(value)}`)),
  ].join(' ');
}
