import { printable } from '../../../sdk/base/printable.ts';
import { toMs, type Duration } from '../../../sdk/contract/duration.ts';
import type { Instant } from '../../../sdk/contract/session.ts';
import type { Deadline } from '../../../sdk/wording/deadlines.ts';

type CalendarOptions = {
  readonly now: Instant;
  /** Distinguishes the deadlines of this machine from those of others. */
  readonly origin: string;
};

/** The deadlines as a calendar (RFC 5545), with an alarm for each warning. */
export const renderCalendar = (deadlines: readonly Deadline[], options: CalendarOptions): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Session Keepalive//deadlines//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped('Logins that end')}`,
    ...deadlines.flatMap(deadline => eventOf(deadline, options)),
    'END:VCALENDAR',
  ]
    .map(line => `${folded(line)}\r\n`)
    .join('');

/** The UID stays when the end moves, so that a calendar moves its event. */
function eventOf({ id, displayName, kind, at, renew, warn }: Deadline, { now, origin }: CalendarOptions) {
  const summary = escaped(`${displayName}: the ${kind} ends`);
  return [
    'BEGIN:VEVENT',
    `UID:${id}-${kind}-${origin}@session-keepalive`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(at)}`,
    `SUMMARY:${summary}`,
    `DESCRIPTION:${escaped(renew)}`,
    'TRANSP:TRANSPARENT',
    ...warn.flatMap(lead => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `TRIGGER:-${span(lead)}`,
      `DESCRIPTION:${summary}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
  ];
}

/** `20270301T090000Z` */
const utc = (at: Instant): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');

/** In the largest unit in which it is a whole number: `P7D`, `PT36H`. */
function span(duration: Duration): string {
  const seconds = Math.ceil(toMs(duration) / 1_000);
  if (seconds % 86_400 === 0) return `P${seconds / 86_400}D`;
  if (seconds % 3_600 === 0) return `PT${seconds / 3_600}H`;
  return seconds % 60 === 0 ? `PT${seconds / 60}M` : `PT${seconds}S`;
}

const escaped = (text: string): string =>
  printable(text)
    .replace(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');

const MAX_OCTETS = 75;

/** A line of at most 75 octets, continued on further ones that begin with a space. No character is divided. */
function folded(line: string): string {
  let room = MAX_OCTETS;
  let text = '';
  for (const character of line) {
    const octets = Buffer.byteLength(character);
    if (octets > room) {
      text += '\r\n ';
      room = MAX_OCTETS - 1;
    }
    text += character;
    room -= octets;
  }
  return text;
}
