import type { Instant } from '../contract/session.ts';
import { describeMs, type Form } from './duration.ts';
import { usesTwelveHours } from './hour-cycle.ts';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const DAY = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');
const weekday = (date: Date): string => WEEKDAYS[date.getDay()] ?? '';
const month = (date: Date): string => MONTHS[date.getMonth()] ?? '';
const yearIfNot = (date: Date, now: Instant): string =>
  date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;

/** A time as seen from now: `in 3 min`, `2 min ago`, `now`. */
export function relative(at: Instant, now: Instant, form: Form = 'short'): string {
  const distance = Math.abs(at - now);
  if (distance < 500) return 'now';
  const length = describeMs(distance, form);
  return at > now ? `in ${length}` : `${length} ago`;
}

/** A time of day on this machine's clock, as its locale writes it: `14:02`, `2:02 PM`. */
export function clock(at: Instant, twelveHours = usesTwelveHours()): string {
  const date = new Date(at);
  const hours = date.getHours();
  const minutes = two(date.getMinutes());
  return twelveHours ? `${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}` : `${two(hours)}:${minutes}`;
}

/** The weekday in three letters: `Mon`. */
export const shortWeekday = (at: Instant): string => weekday(new Date(at)).slice(0, 3);

/** A time for a list, with the date unless it is today: `14:02`, `Mon 12 Oct 09:00`, `Tue 12 Oct 2027 09:00`. */
export function localTime(at: Instant, now: Instant): string {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return clock(at);
  return `${shortWeekday(at)} ${dayMonth(at)}${yearIfNot(date, now)} ${clock(at)}`;
}

/** A day of this or the last year: `12 Oct`. */
export const dayMonth = (at: Instant): string => `${new Date(at).getDate()} ${month(new Date(at)).slice(0, 3)}`;

/** Both: `in 3 h (14:02)`. */
export const relativeAndLocal = (at: Instant, now: Instant): string => `${relative(at, now)} (${localTime(at, now)})`;

/** A time for a text that stays on the screen: `at 14:02`, `yesterday 09:00`, `Monday 09:00`, `12 Oct`. */
export function calendarTime(at: Instant, now: Instant): string {
  const date = new Date(at);
  const days = daysBetween(now, at);
  if (days === 0) return `at ${clock(at)}`;
  if (days === 1) return `tomorrow ${clock(at)}`;
  if (days === -1) return `yesterday ${clock(at)}`;
  if (days > 1 && days < 7) return `${weekday(date)} ${clock(at)}`;
  return `${dayMonth(at)}${yearIfNot(date, now)}`;
}

/** A time after "until": `14:02`, `tomorrow 09:00`, `Tue 09:14`, `12 Oct`. */
export function untilTime(at: Instant, now: Instant): string {
  const days = daysBetween(now, at);
  if (days === 0) return clock(at);
  return days > 1 && days < 7 ? `${shortWeekday(at)} ${clock(at)}` : calendarTime(at, now);
}

/** The calendar time of something to come. What is overdue happens `now`. */
export const upcomingTime = (at: Instant, now: Instant): string => (at <= now ? 'now' : calendarTime(at, now));

/** Midnights between two moments. A day on which the clocks change has 23 or 25 hours. */
function daysBetween(from: Instant, to: Instant): number {
  const midnight = (at: Instant) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / DAY);
}

/** A time in full, for a sentence: `Monday 12 October 2026, 09:00`. */
export function fullTime(at: Instant): string {
  const date = new Date(at);
  return `${weekday(date)} ${date.getDate()} ${month(date)} ${date.getFullYear()}, ${clock(at)}`;
}

/** A time as at the start of a log line, the same in every locale: `2026-10-12 09:00:00`. */
export function timestamp(at: Instant): string {
  const date = new Date(at);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${clock(at, false)}:${two(date.getSeconds())}`;
}
