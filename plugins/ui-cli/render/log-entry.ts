import { timestamp } from './time.ts';
import type { Style, View } from './view.ts';
import { oneLine } from './width.ts';

export type LogEntry = Readonly<Record<string, unknown>>;

const STYLES: Readonly<Record<string, Style>> = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green' };

/** A line of the log as a person reads it: the local time, how grave, what, and the particulars. */
export function renderLogEntry({ time, level, msg, ...fields }: LogEntry, { paint }: View): string {
  const at = Date.parse(String(time));
  const grade = String(level);
  const inWords = (value: unknown) => oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return [
    paint('dim', Number.isNaN(at) ? String(time) : timestamp(at)),
    paint(STYLES[grade] ?? 'dim', grade.padEnd(5)),
    oneLine(String(msg ?? '')),
    ...Object.entries(fields).map(([key, value]) => paint('dim', `${key}=${inWords(value)}`)),
  ].join(' ');
}
