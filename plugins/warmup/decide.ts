import type { UsageWindow, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { localTime } from '../../sdk/wording/time.ts';
import type { Settings } from './options.ts';
import { dayOf, isDayOf } from './plan.ts';
import type { OfAccount, OfWarmUp } from './state.ts';

/** A vendor's short window. While its real end is not known, a claim lasts this long. */
export const WINDOW_MS = 5 * 3_600_000;

export type Skip = Pick<WarmUpRun, 'message'> & { readonly reason: NonNullable<WarmUpRun['reason']> };

type Known = {
  readonly settings: Pick<Settings, 'lateMs' | 'perDay' | 'days' | 'timezone' | 'skip'>;
  readonly own: OfWarmUp;
  readonly account: OfAccount;
  /** When the file was found damaged. */
  readonly lostAt?: Instant | undefined;
  /** How long ago the last prompt was sent, by a clock that cannot be set. Undefined if an earlier process sent it. */
  readonly passedMs?: number | undefined;
  readonly plannedAt: Instant;
  readonly now: Instant;
};

/** Why nothing is sent, from what is known without asking. Undefined if a prompt may be sent. */
export function skipOf(known: Known): Skip | undefined {
  const { settings, own, account, plannedAt, now } = known;
  const late = now - plannedAt;
  if (late > settings.lateMs)
    return { reason: 'missed', message: `The machine slept at the time, and it is ${minutes(late)} late.` };
  if (!isDayOf(settings, now)) return { reason: 'missed', message: 'Its time has passed, and today is a day off.' };
  if (own.paused) return { reason: 'paused', message: `It is paused. ${own.paused.why}` };
  return windowSkip(account.windows ?? [], now) ?? claimSkip(known) ?? daySkip(account, settings, now);
}

/** Whether a window is running, or the week is used up. */
export function windowSkip(windows: readonly UsageWindow[], now: Instant): Skip | undefined {
  const running = windows.filter(({ resetsAt }) => resetsAt > now);
  const week = running.find(({ kind, usedPercent = 0 }) => kind === 'week' && usedPercent >= 100);
  if (week)
    return {
      reason: 'week-used-up',
      message: `The week is used up. It resets at ${localTime(week.resetsAt, now)}.`,
    };
  const short = running.find(({ kind, startsAt = 0 }) => kind === 'short' && startsAt <= now);
  if (!short) return undefined;
  const message = `A window is running already. It resets at ${localTime(short.resetsAt, now)}.`;
  return { reason: 'window-running', message };
}

/** The machine's clock may be adjusted by this much while a window runs. */
const ADJUSTED_MS = 60_000;

/** One prompt in a window, also if its answer was lost, or the clock was set since. */
function claimSkip({ account, lostAt, passedMs = Infinity, now }: Known): Skip | undefined {
  const { claimedAt = -Infinity, sent = [] } = account;
  if (Math.max(claimedAt, lostAt ?? -Infinity) > now)
    return { reason: 'clock', message: 'The clock was set back, so the last prompt may be in a window that runs.' };
  if (passedMs < endOf(account, claimedAt) - claimedAt - ADJUSTED_MS && claimedAt + passedMs < now - ADJUSTED_MS)
    return { reason: 'clock', message: 'The clock was set ahead, so the last prompt may be in a window that runs.' };
  const running = [claimedAt, ...sent].find(at => at <= now && now < endOf(account, at));
  if (running !== undefined) {
    const message = `A prompt was sent at ${localTime(running, now)}, so its window may be running.`;
    return { reason: 'window-running', message };
  }
  if (lostAt === undefined || now >= lostAt + WINDOW_MS) return undefined;
  const message = `The file warmup.json was found damaged at ${localTime(lostAt, now)}, so a window may be running.`;
  return { reason: 'window-running', message };
}

/** When the window of a prompt ends: as reported since, or at the latest. */
function endOf({ windows = [], windowsAt = -Infinity }: OfAccount, sentAt: Instant): Instant {
  const reported = windows.find(({ kind, resetsAt }) => kind === 'short' && resetsAt > sentAt);
  return reported && windowsAt >= sentAt ? Math.min(reported.resetsAt, sentAt + WINDOW_MS) : sentAt + WINDOW_MS;
}

function daySkip({ sent = [] }: OfAccount, { perDay, timezone }: Known['settings'], now: Instant): Skip | undefined {
  if (sentToday(sent, timezone, now) < perDay) return undefined;
  const prompts = perDay === 1 ? '1 prompt was' : `${perDay} prompts were`;
  return { reason: 'per-day', message: `${prompts} sent today, which is the most that perDay allows.` };
}

/** How many prompts were sent on this local day. */
export const sentToday = (sent: readonly Instant[], timezone: string | undefined, now: Instant): number =>
  sent.filter(at => dayOf(at, timezone) === dayOf(now, timezone)).length;

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
