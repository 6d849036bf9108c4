import type { SessionDay } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { describeMs } from '../../../../sdk/wording/duration.ts';
import { counted } from '../../../../sdk/wording/sentence.ts';
import { dayMonth } from '../../../../sdk/wording/time.ts';

export const DAYS = 30;

/** What a day was, the gravest thing of it. `before`: nothing was recorded yet. */
export type DayKind = 'before' | 'none' | 'checked' | 'renewed' | 'failed' | 'lapsed';
export type DayCell = { readonly day: string; readonly kind: DayKind; readonly title: string };

const two = (value: number): string => String(value).padStart(2, '0');

/** Noon, so that a day of 23 or 25 hours is still that day. */
const noonOf = (now: Instant, daysAgo: number): Date => {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo, 12);
};
const nameOf = (date: Date): string => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');

/** The last days of a session, oldest first, today last. */
export function layDays(days: readonly SessionDay[], now: Instant): readonly DayCell[] {
  const known = new Map(days.map(day => [day.day, day]));
  const first = firstOf(days);
  return Array.from({ length: DAYS }, (_, index) => {
    const date = noonOf(now, DAYS - 1 - index);
    const name = nameOf(date);
    const day = known.get(name);
    const isBefore = first === undefined || name < first;
    const what = day ? describeDay(day) : isBefore ? 'not recorded' : 'no attempts';
    return {
      day: name,
      kind: day ? kindOf(day) : isBefore ? 'before' : 'none',
      title: `${dayMonth(date.getTime())}: ${what}`,
    };
  });
}

/** The days in a sentence, without a full stop: `98 renewals, 0 lapses in 30 days`. */
export function describeDays(days: readonly SessionDay[], now: Instant): string {
  const start = firstOf(days);
  if (start === undefined) return 'No history yet';
  const renewals = days.reduce((sum, { renewed }) => sum + renewed, 0);
  const lapses = days.filter(({ lapsedMs }) => lapsedMs > 0).length;
  return `${counted(renewals, 'renewal')}, ${counted(lapses, 'lapse')} ${spanOf(start, now)}`;
}

function spanOf(start: string, now: Instant): string {
  if (start <= nameOf(noonOf(now, DAYS - 1))) return `in ${DAYS} days`;
  if (start === nameOf(noonOf(now, 0))) return 'today';
  if (start === nameOf(noonOf(now, 1))) return 'since yesterday';
  return `since ${dayMonth(new Date(`${start}T12:00`).getTime())}`;
}

const firstOf = (days: readonly SessionDay[]): string | undefined => days.map(({ day }) => day).toSorted()[0];

function kindOf({ renewed, checked, failed, lapsedMs }: SessionDay): DayKind {
  if (lapsedMs > 0) return 'lapsed';
  if (failed > 0) return 'failed';
  if (renewed > 0) return 'renewed';
  return checked > 0 ? 'checked' : 'none';
}

function describeDay({ renewed, checked, failed, lapsedMs }: SessionDay): string {
  const parts = [
    renewed > 0 ? counted(renewed, 'renewal') : '',
    checked > 0 ? counted(checked, 'check') : '',
    failed > 0 ? `${failed} failed` : '',
    lapsedMs > 0 ? `expired for ${describeMs(lapsedMs)}` : '',
  ];
  return parts.filter(Boolean).join(', ') || 'no attempts';
}
