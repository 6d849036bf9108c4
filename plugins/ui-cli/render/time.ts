import type { Instant } from '../../../sdk/contract/session.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time as seen from now: `in 3 min`, `2 min ago`, `now`. */
export function relative(at: Instant, now: Instant): string {
  const length = approximate(Math.abs(at - now));
  if (length === '0 s') return 'now';
  return at > now ? `in ${length}` : `${length} ago`;
}

/** A length of time, as exact as is of use: `12 s`, `3 min`, `1 h 30 min`, `14 h`, `3 days`. */
export function approximate(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.round(ms / MINUTE);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 10 * 60)
    return [`${Math.floor(minutes / 60)} h`, ...(minutes % 60 ? [`${minutes % 60} min`] : [])].join(' ');
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** A time on this machine's clock, with the day where it is not today: `14:02`, `Mon 12 Oct 09:00`. */
export function localTime(at: Instant, now: Instant): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return clock;
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${WEEKDAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}${year} ${clock}`;
}

/** Both: `in 3 h (14:02)`. */
export const relativeAndLocal = (at: Instant, now: Instant): string => `${relative(at, now)} (${localTime(at, now)})`;

/** A time in full, as at the start of a log line: `2026-10-12 09:00:00`. */
export function timestamp(at: Instant): string {
  const date = new Date(at);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
