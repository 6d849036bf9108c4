import { isDuration } from '../../../sdk/contract/duration.ts';
import type { Schedule, Weekday } from '../../../sdk/contract/policy.ts';
import { weekdaySchema } from '../../../sdk/contract/policy-schema.ts';
import { UsageError } from '../context/options.ts';

export const SCHEDULE_FORMS =
  'interval:30m, daily:09:00[@zone][,mon-fri], before-expiry:5m, or cron:"0 9 * * *"[@zone]';

const WEEKDAYS: readonly Weekday[] = weekdaySchema.options;

type Mode = Schedule['mode'];

const PARSERS: { readonly [M in Mode]: (text: string, rest: string) => Extract<Schedule, { readonly mode: M }> } = {
  interval: (text, rest) => ({ mode: 'interval', every: duration(text, rest) }),
  daily: parseDaily,
  'before-expiry': (text, rest) => ({ mode: 'before-expiry', buffer: duration(text, rest) }),
  cron: parseCron,
};

/** A schedule as written on a command line. */
export function parseSchedule(text: string): Schedule {
  const [, mode, rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  if (!isMode(mode)) throw wrong(text, 'There is no such schedule.');
  return PARSERS[mode](text, rest);
}

const isMode = (text: string | undefined): text is Mode => text !== undefined && Object.hasOwn(PARSERS, text);

function parseDaily(text: string, rest: string): Extract<Schedule, { readonly mode: 'daily' }> {
  const [, at, zone, days] = /^((?:[01]\d|2[0-3]):[0-5]\d)(?:@([^,]*))?(?:,(.*))?$/.exec(rest) ?? [];
  if (!at) throw wrong(text, 'Write the time of day as HH:MM.');
  return {
    mode: 'daily',
    at,
    ...(zone === undefined ? {} : { timezone: timezone(text, zone) }),
    ...(days === undefined ? {} : { days: days.split(',').flatMap(part => weekdays(text, part)) }),
  };
}

function parseCron(text: string, rest: string): Extract<Schedule, { readonly mode: 'cron' }> {
  const [pattern = '', zone] = rest.split('@', 2);
  const fields = pattern.trim().split(/\s+/).length;
  if (fields < 5 || fields > 7) throw wrong(text, 'A cron pattern has five to seven fields; quote it for the shell.');
  return { mode: 'cron', pattern: pattern.trim(), ...(zone === undefined ? {} : { timezone: timezone(text, zone) }) };
}

function weekdays(text: string, part: string): readonly Weekday[] {
  const [first, last] = part
    .toLowerCase()
    .split('-')
    .map(day => WEEKDAYS.findIndex(known => known === day));
  if (first === undefined || first < 0 || last === -1) {
    throw wrong(text, `"${part}" is not a day. Days are ${WEEKDAYS.join(', ')}.`);
  }
  if (last === undefined || last >= first) return WEEKDAYS.slice(first, (last ?? first) + 1);
  return [...WEEKDAYS.slice(first), ...WEEKDAYS.slice(0, last + 1)];
}

function timezone(text: string, zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone && zone;
  } catch {
    throw wrong(text, `"${zone}" is not a time zone. Write one such as Europe/Berlin.`);
  }
}

function duration(text: string, part: string) {
  if (isDuration(part)) return part;
  throw wrong(text, `"${part}" is not a duration. Write a number and a unit: 90s, 30m, 1h, 7d.`);
}

const wrong = (text: string, why: string) =>
  new UsageError(`schedule=${text}: ${why}\nA schedule is ${SCHEDULE_FORMS}.`);
