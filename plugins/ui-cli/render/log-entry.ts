import { isRecord } from '../../../sdk/base/json.ts';
import { describeElapsed } from '../../../sdk/wording/duration.ts';
import { timestamp } from '../../../sdk/wording/time.ts';
import type { Style, View } from './view.ts';
import { oneLine } from './width.ts';

const STYLES: Readonly<Record<string, Style>> = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green' };

export type LogEntry = Readonly<Record<string, unknown>>;

/** A line of the log for people: the local time, the level, the message and the other fields. */
export function renderLogEntry({ time, level, msg, ...fields }: LogEntry, { paint }: View): string {
  const at = Date.parse(String(time));
  const name = String(level);
  return [
    paint('dim', Number.isNaN(at) ? String(time) : timestamp(at)),
    paint(STYLES[name] ?? 'dim', name.padEnd(5)),
    oneLine(String(msg ?? '')),
    ...Object.entries(withSpans(fields)).map(([key, value]) => paint('dim', `${key}=${inWords(key, value)}`)),
  ].join(' ');
}

/** A start and an end become the time between them: the line itself has the time of the end. */
function withSpans({ startedAt, endedAt, ...fields }: LogEntry): LogEntry {
  if (typeof startedAt === 'number' && typeof endedAt === 'number')
    return { ...fields, took: describeElapsed(endedAt - startedAt) };
  return { ...fields, ...(startedAt !== undefined && { startedAt }), ...(endedAt !== undefined && { endedAt }) };
}

/** Beyond it, a number of milliseconds is a point in time: the year 2001. */
const FIRST_INSTANT = 1e12;

function inWords(key: string, value: unknown): string {
  if (typeof value === 'number' && key.endsWith('At') && value >= FIRST_INSTANT) return timestamp(value);
  if (typeof value === 'number' && key.endsWith('Ms')) return describeElapsed(value);
  if (typeof value === 'string') return oneLine(value);
  if (Array.isArray(value)) return value.map(item => inWords('', item)).join(',') || 'none';
  // Of an error, the line has the message. The log file has all of it.
  if (isRecord(value) && typeof value['message'] === 'string') return oneLine(value['message']);
  return value === null ? 'none' : oneLine(JSON.stringify(value));
}
