import type { Schedule } from '../../sdk/contract/policy.ts';
import type { HaltReason, Instant, Session, SessionState, WaitReason } from '../../sdk/contract/session.ts';

const WAITING: Readonly<Record<WaitReason, string>> = {
  backoff: 'failing, again',
  offline: 'offline, again',
  'rate-limited': 'asked to wait, again',
  deferred: 'deferred, again',
};

const HALTED: Readonly<Record<HaltReason, string>> = {
  paused: 'paused',
  'login-required': 'login needed',
  unavailable: 'not available',
  'too-many-failures': 'gave up',
};

/** A state and what comes next, in a few words. Times of day, not spans: they stay true while the menu is open. */
export function sayState(state: SessionState, now: Instant): string {
  switch (state.name) {
    case 'idle':
      return `starting, first refresh ${sayTime(state.wakeAt, now)}`;
    case 'refreshing':
      return 'refreshing…';
    case 'alive':
      return `alive, next refresh ${sayTime(state.wakeAt, now)}`;
    case 'waiting':
      return `${WAITING[state.why]} ${sayTime(state.wakeAt, now)}`;
    case 'halted': {
      if (state.disabled) return 'switched off';
      return state.wakeAt === undefined
        ? HALTED[state.why]
        : `${HALTED[state.why]}, again ${sayTime(state.wakeAt, now)}`;
    }
  }
}

const UNITS: Readonly<Record<string, string>> = { ms: 'millisecond', s: 'second', m: 'minute', h: 'hour', d: 'day' };

/** `30m` as `30 minutes`, `1h` as `1 hour`. */
function saySpan(duration: string): string {
  const [, amount = '', unit = ''] = /^([\d.]+)([a-z]+)$/.exec(duration) ?? [];
  const name = UNITS[unit];
  return name ? `${amount} ${name}${amount === '1' ? '' : 's'}` : duration;
}

export function saySchedule(schedule: Schedule): string {
  switch (schedule.mode) {
    case 'before-expiry':
      return `${saySpan(schedule.buffer)} before expiry`;
    case 'interval':
      return `Every ${saySpan(schedule.every).replace(/^1 /, '')}`;
    case 'daily':
      return `Daily at ${schedule.at}${schedule.timezone ? ` (${schedule.timezone})` : ''}${schedule.days ? ` on ${schedule.days.join(', ')}` : ''}`;
    case 'cron':
      return `By pattern ${schedule.pattern}`;
  }
}

const two = (value: number): string => String(value).padStart(2, '0');
const clock = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}`;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A moment on this machine's clock: `at 14:02`, `tomorrow 09:00`, `Monday 09:00`, `12 Oct`; `now` where it has come. */
export function sayTime(at: Instant, now: Instant): string {
  if (at <= now) return 'now';
  return sayMoment(at, now);
}

/** The same for a moment that may be over: `at 14:02`, `yesterday 09:00`, `12 Oct`. */
export function sayMoment(at: Instant, now: Instant): string {
  const date = new Date(at);
  switch (daysBetween(now, at)) {
    case -1:
      return `yesterday ${clock(date)}`;
    case 0:
      return `at ${clock(date)}`;
    case 1:
      return `tomorrow ${clock(date)}`;
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return `${WEEKDAYS[date.getDay()]} ${clock(date)}`;
    default: {
      const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
      return `${date.getDate()} ${MONTHS[date.getMonth()]}${year}`;
    }
  }
}

/** Midnights from one moment to the other. A day of a changed clock has 23 or 25 hours. */
function daysBetween(from: Instant, to: Instant): number {
  const midnight = (at: Instant) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** A session's name, told apart from others of the same name. */
export function nameOf({ id, displayName }: Session, all: readonly Session[]): string {
  return all.some(other => other.id !== id && other.displayName === displayName)
    ? `${displayName} (${id})`
    : displayName;
}

const LINE = 64;

/** A text as the lines of a menu: none long, no more than three. */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, LINE));
  }
  return lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]} …`] : lines;
}
