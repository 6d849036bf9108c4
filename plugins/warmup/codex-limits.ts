import { z } from 'zod';
import type { UsageWindow } from '../../sdk/contract/rpc.ts';

const MINUTE_MS = 60_000;
/** The clock of this machine may be wrong by this much. */
const SKEW_MS = 60 * MINUTE_MS;

/** Windows are distinguished by their length. Their names differ between plans, and have changed. */
const KINDS = [
  { kind: 'short', minutes: 300 },
  { kind: 'week', minutes: 10_080 },
] as const;

const Window = z.object({
  usedPercent: z.number().min(0).max(100).optional().catch(undefined),
  windowDurationMins: z.number().positive(),
  /** In seconds since the epoch. */
  resetsAt: z.number().positive(),
});

const Bucket = z.object({ primary: z.unknown(), secondary: z.unknown() }).partial();

const Limits = z.object({
  rateLimits: Bucket.nullish().catch(undefined),
  /** A model can have its own limits beside those of the plan, which are named `codex`. */
  rateLimitsByLimitId: z.object({ codex: Bucket }).nullish().catch(undefined),
});

/** The windows in codex's answer to `account/rateLimits/read`, without those that make no sense. */
export function readLimits(answer: unknown, now: number): readonly UsageWindow[] {
  const limits = Limits.safeParse(answer).data;
  const bucket = limits?.rateLimitsByLimitId?.codex ?? limits?.rateLimits;
  const windows = [bucket?.primary, bucket?.secondary].flatMap(window => readWindow(window, now));
  return KINDS.flatMap(({ kind }) => windows.find(window => window.kind === kind) ?? []);
}

function readWindow(window: unknown, now: number): readonly UsageWindow[] {
  const read = Window.safeParse(window).data;
  const known = read && KINDS.find(({ minutes }) => Math.abs(read.windowDurationMins - minutes) < minutes / 10);
  if (!known) return [];
  const resetsAt = read.resetsAt * 1_000;
  const startsAt = resetsAt - read.windowDurationMins * MINUTE_MS;
  // One that is over, or begins in the future. Milliseconds would be a date after the year 50000.
  if (resetsAt <= now || startsAt > now + SKEW_MS) return [];
  return [{ kind: known.kind, usedPercent: read.usedPercent, startsAt, resetsAt }];
}

/**
 * The windows that have begun, by two answers with some milliseconds between them. Codex reports a window that has not
 * begun as if it began at this moment, so that its reset moves on with the clock.
 */
export function begunWindows(
  [before, after]: readonly [readonly UsageWindow[], readonly UsageWindow[]],
  betweenMs: number,
): readonly UsageWindow[] {
  return after.filter(({ kind, resetsAt }) => {
    const earlier = before.find(window => window.kind === kind);
    return !earlier || resetsAt - earlier.resetsAt < betweenMs / 2;
  });
}
