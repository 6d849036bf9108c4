import { Cron } from 'croner';
import type { Instant } from '../../sdk/contract/session.ts';
import type { Settings } from './options.ts';

type Plan = Pick<Settings, 'at' | 'everyMs' | 'days' | 'timezone' | 'skip'>;

/** Days off are skipped. More of them in a row than this are the end of the plan. */
const MAX_SKIPPED = 20_000;

/** The first `count` times after `from`. Fewer if the plan has no more. */
export function timesAfter(plan: Plan, from: Instant, count: number): readonly Instant[] {
  const times: Instant[] = [];
  let at: Instant | undefined = from;
  for (let skipped = 0; times.length < count && skipped < MAX_SKIPPED;) {
    at = tickAfter(plan, at);
    if (at === undefined) break;
    if (plan.skip.includes(dayOf(at, plan.timezone)) || !isDay(plan, at)) skipped += 1;
    else times.push(at);
  }
  return times;
}

export const nextTime = (plan: Plan, from: Instant): Instant | undefined => timesAfter(plan, from, 1)[0];

/** The local day: `2026-12-25`. */
export const dayOf = (at: Instant, timezone: string | undefined): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(at);

function tickAfter({ at, everyMs, timezone }: Plan, from: Instant): Instant | undefined {
  // The same times after a restart.
  if (everyMs !== undefined) return (Math.floor(from / everyMs) + 1) * everyMs;
  const times = at.flatMap(time => cronOf(time, timezone).nextRun(new Date(from))?.getTime() ?? []);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function cronOf(time: string, timezone: string | undefined): Cron {
  const [hour, minute] = time.split(':').map(Number);
  return new Cron(`${minute} ${hour} * * *`, timezone === undefined ? {} : { timezone });
}

function isDay({ days, timezone }: Plan, at: Instant): boolean {
  if (!days) return true;
  const day = new Intl.DateTimeFormat('en', { timeZone: timezone, weekday: 'short' }).format(at);
  return days.includes(day.toLowerCase());
}
