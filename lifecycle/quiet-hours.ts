import { Cron } from 'croner';
import type { QuietHours } from '../sdk/contract/config.ts';
import type { Instant, Notice } from '../sdk/contract/session.ts';
import { dailyPattern } from './schedule.ts';

/** Longer than a day with 25 hours. Quiet hours that began earlier are over. */
const LONGEST_MS = 26 * 3_600_000;

/** When the current quiet hours end; undefined outside them. */
export function quietUntil(quiet: QuietHours | undefined, now: Instant): Instant | undefined {
  if (!quiet) return undefined;
  const { from, to, timezone, days } = quiet;
  const zone = timezone === undefined ? {} : { timezone };
  const ends = new Cron(dailyPattern({ at: to }), zone);
  const begins = new Cron(dailyPattern({ at: from, days }), zone);
  // `nextRun` is later than the time that it gets.
  for (
    let began = begins.nextRun(new Date(now - LONGEST_MS));
    began !== null && began.getTime() <= now;
    began = begins.nextRun(began)
  ) {
    const end = ends.nextRun(began)?.getTime();
    if (end !== undefined && end > now) return end;
  }
  return undefined;
}

/** Whether quiet hours hold this notice. */
export const isHeld = ({ except = [] }: QuietHours, { level, code }: Notice): boolean =>
  !except.includes(level) && !except.includes(code);
