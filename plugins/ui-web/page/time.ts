import type { Instant } from '../../../sdk/contract/session.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const distance = new Intl.RelativeTimeFormat('en');
const clockForm = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayForm = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const dateForm = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const fullForm = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** A time as seen from now: `in 3 minutes`, `2 minutes ago`, `now`. */
export function relative(at: Instant, now: Instant): string {
  const ms = at - now;
  const length = Math.abs(ms);
  if (length < SECOND) return 'now';
  if (length < MINUTE) return distance.format(Math.round(ms / SECOND), 'second');
  if (length < 90 * MINUTE) return distance.format(Math.round(ms / MINUTE), 'minute');
  if (length < 36 * HOUR) return distance.format(Math.round(ms / HOUR), 'hour');
  return distance.format(Math.round(ms / DAY), 'day');
}

/** A time on the clock, with the day where it is not today: `14:02`, `Mon 14:02`, `12 Oct 14:02`. */
export function clock(at: Instant, now: Instant): string {
  const time = clockForm.format(at);
  if (new Date(at).toDateString() === new Date(now).toDateString()) return time;
  return `${(Math.abs(at - now) < 6 * DAY ? dayForm : dateForm).format(at)} ${time}`;
}

export const weekday = (at: Instant): string => dayForm.format(at);
export const full = (at: Instant): string => fullForm.format(at);

/** How long something took: `340 ms`, `1.2 s`, `2 min`. */
export function took(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / MINUTE)} min`;
}
