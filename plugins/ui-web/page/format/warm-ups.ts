import type { UsageWindow, WarmUp, WarmUpRun } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { RESULT_LABELS, RESULT_TONES, warmUpStatus } from '../../../../sdk/wording/warm-up.ts';
import { toneLabel, type Label, type Tone } from './labels.ts';

/** How a warm-up is, as a label. */
export function warmUpLabel(warmUp: Pick<WarmUp, 'paused' | 'next'>, now: Instant): Label {
  const { text, tone } = warmUpStatus(warmUp, now);
  return toneLabel(capitalized(text), tone);
}

export const resultLabel = (result: WarmUpRun['result']): Label =>
  toneLabel(capitalized(RESULT_LABELS[result]), RESULT_TONES[result]);

/** The colour of a window's bar. */
export function usedTone({ usedPercent = 0 }: Pick<UsageWindow, 'usedPercent'>): Tone {
  if (usedPercent >= 100) return 'bad';
  return usedPercent >= 80 ? 'warn' : 'good';
}

/** The windows that have not been reset since they were reported. */
export const windowsNow = (windows: readonly UsageWindow[], now: Instant): readonly UsageWindow[] =>
  windows.filter(({ resetsAt }) => resetsAt > now);

/** The time of day in a zone: `06:00`. Undefined if the zone is not known. */
export function timeIn(timezone: string, at: Instant): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'short' }).format(at);
  } catch {
    return undefined;
  }
}

/** The same time on the clock of the warm-up's zone, if that clock shows another one than this browser's. */
export function elsewhere(at: Instant, timezone: string | undefined, here: string): string | undefined {
  const there = timezone === undefined ? undefined : timeIn(timezone, at);
  return there === undefined || there === timeIn(here, at) ? undefined : `${there} in ${timezone}`;
}
