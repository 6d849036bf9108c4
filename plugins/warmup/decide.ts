import type { UsageWindow, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { relativeAndLocal } from '../../sdk/wording/time.ts';
import type { Settings } from './options.ts';
import { dayOf } from './plan.ts';
import type { OfAccount, OfWarmUp } from './state.ts';

/** A vendor's short window. While its real end is not known, a claim lasts this long. */
export const WINDOW_MS = 5 * 3_600_000;

export type Skip = Pick<WarmUpRun, 'message'> & { readonly reason: NonNullable<WarmUpRun['reason']> };

type Known = {
  readonly settings: Pick<Settings, 'lateMs' | 'perDay' | 'timezone'>;
  readonly own: OfWarmUp;
  readonly account: OfAccount;
  readonly plannedAt: Instant;
  readonly now: Instant;
};

/** Why nothing is sent, from what is known without asking. Undefined if a prompt may be sent. */
export function skipOf({ settings, own, account, plannedAt, now }: Known): Skip | undefined {
  const late = now - plannedAt;
  if (late > settings.lateMs)
    return { reason: 'missed', message: `The machine slept at the time, and it is ${minutes(late)} late.` };
  if (own.paused) return { reason: 'paused', message: `It is paused. ${own.paused.why}` };
  return windowSkip(account.windows ?? [], now) ?? claimSkip(account, now) ?? daySkip(account, settings, now);
}

/** Whether a window is running, or the week is used up. */
export function windowSkip(windows: readonly UsageWindow[], now: Instant): Skip | undefined {
  const running = windows.filter(({ resetsAt }) => resetsAt > now);
  const week = running.find(({ kind, usedPercent = 0 }) => kind === 'week' && usedPercent >= 100);
  if (week)
    return {
      reason: 'week-used-up',
      message: `The week is used up. It resets ${relativeAndLocal(week.resetsAt, now)}.`,
    };
  const short = running.find(({ kind, startsAt = 0 }) => kind === 'short' && startsAt <= now);
  if (!short) return undefined;
  const message = `A window is running already. It resets ${relativeAndLocal(short.resetsAt, now)}.`;
  return { reason: 'window-running', message };
}

/** One prompt in a window, also if its answer was lost, or the clock was set back since. */
function claimSkip({ claimedAt, windows = [] }: OfAccount, now: Instant): Skip | undefined {
  if (claimedAt === undefined) return undefined;
  if (claimedAt > now)
    return { reason: 'clock', message: 'The clock was set back, so the last prompt may be in a window that runs.' };
  const reported = windows.find(({ kind, resetsAt }) => kind === 'short' && resetsAt > claimedAt);
  const until = reported?.resetsAt ?? claimedAt + WINDOW_MS;
  if (now >= until) return undefined;
  const message = `A prompt was sent ${relativeAndLocal(claimedAt, now)}, so its window may be running.`;
  return { reason: 'window-running', message };
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
