import { z } from 'zod';
import { usageWindowSchema, warmUpRunSchema } from '../../sdk/contract/rpc-warmup-schema.ts';
import type { UsageWindow, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';

/** The version of `warmup.json`. */
export const VERSION = 1;

const DAY_MS = 86_400_000;

/** How many runs of a warm-up are kept. */
const MAX_RUNS = 200;

const one = z.looseObject({
  /** The next time, as it was planned. After a restart, it shows what was missed. */
  plannedAt: z.number().optional(),
  /** Its account, as a key of `accounts`. */
  account: z.string().optional(),
  paused: z.object({ at: z.number(), why: z.string() }).optional(),
  /** The planned time for which a prompt was claimed, until its run is recorded. */
  claimedFor: z.number().optional(),
  /** How many prompts in a row had no effect. */
  withoutEffect: z.number().optional(),
  /** Newest first. */
  runs: z.array(warmUpRunSchema).optional(),
});

const account = z.looseObject({
  /** When the last prompt was sent, or may have been sent. Written before it is sent. */
  claimedAt: z.number().optional(),
  windows: z.array(usageWindowSchema).optional(),
  windowsAt: z.number().optional(),
  /** When prompts were sent, for the cap of a day. */
  sent: z.array(z.number()).optional(),
});

export const stateSchema = z.looseObject({
  version: z.literal(VERSION),
  warmUps: z.record(z.string(), one),
  accounts: z.record(z.string(), account),
  /** When the file was found damaged. Prompts that were sent before may not be in it. */
  lostAt: z.number().optional(),
});

export type State = z.infer<typeof stateSchema>;
export type OfWarmUp = z.infer<typeof one>;
export type OfAccount = z.infer<typeof account>;

export const EMPTY: State = { version: VERSION, warmUps: {}, accounts: {} };

export const warmUpIn = (state: State, id: string): OfWarmUp =>
  Object.hasOwn(state.warmUps, id) ? (state.warmUps[id] ?? {}) : {};

export const accountIn = (state: State, key: string): OfAccount =>
  Object.hasOwn(state.accounts, key) ? (state.accounts[key] ?? {}) : {};

export const withWarmUp = (state: State, id: string, change: Partial<OfWarmUp>): State => ({
  ...state,
  warmUps: { ...state.warmUps, [id]: { ...warmUpIn(state, id), ...change } },
});

export const withoutWarmUp = (state: State, id: string): State => ({
  ...state,
  warmUps: Object.fromEntries(Object.entries(state.warmUps).filter(([other]) => other !== id)),
});

export const withAccount = (state: State, key: string, change: Partial<OfAccount>): State => ({
  ...state,
  accounts: { ...state.accounts, [key]: { ...accountIn(state, key), ...change } },
});

/** The most prompts of an account that are kept. */
const MAX_SENT = 100;

type Prompt = { readonly id: string; readonly account: string; readonly plannedAt: Instant };

/** The state after a prompt is claimed, which comes before it is sent. */
export function claimed(state: State, { id, account: key, plannedAt }: Prompt, now: Instant): State {
  const before = (accountIn(state, key).sent ?? []).filter(at => at > now - 2 * DAY_MS);
  const change = { claimedAt: now, sent: [...before, now].slice(-MAX_SENT) };
  return withWarmUp(withAccount(state, key, change), id, { claimedFor: plannedAt });
}

/** Notes the account of a warm-up. What was noted before its name was known belongs to it too. */
export function withAccountOf(state: State, id: string, key: string, nameless: string): State {
  const before = warmUpIn(state, id).account;
  const next = before === key ? state : withWarmUp(state, id, { account: key });
  const former = accountIn(state, nameless);
  if (before !== nameless || key === nameless || former.claimedAt === undefined) return next;
  const own = accountIn(state, key);
  return withAccount(next, key, {
    claimedAt: Math.max(own.claimedAt ?? -Infinity, former.claimedAt),
    sent: [...(own.sent ?? []), ...(former.sent ?? [])].toSorted((a, b) => a - b),
  });
}

/** The state after the clock was set back: a prompt was sent now at the latest. */
export function withoutFuture(state: State, key: string, now: Instant): State {
  const { claimedAt } = accountIn(state, key);
  const isEarly = (at: Instant | undefined): at is Instant => at !== undefined && at > now;
  const next = isEarly(state.lostAt) ? { ...state, lostAt: now } : state;
  return isEarly(claimedAt) ? withAccount(next, key, { claimedAt: now }) : next;
}

/** No window of a vendor is longer. */
const LONGEST_MS = { short: DAY_MS, week: 32 * DAY_MS };

/** The windows that make sense. A vendor's program may report anything. */
export const soundWindows = (windows: readonly unknown[], now: Instant): readonly UsageWindow[] =>
  windows.flatMap(one => {
    const { data } = usageWindowSchema.safeParse(one);
    return data && data.resetsAt > now - LONGEST_MS[data.kind] && data.resetsAt < now + LONGEST_MS[data.kind]
      ? [data]
      : [];
  });

export const withWindows = (state: State, key: string, windows: readonly UsageWindow[], now: Instant): State =>
  windows.length === 0 ? state : withAccount(state, key, { windows: [...windows], windowsAt: now });

/** After this many without effect in a row, a warm-up pauses itself. */
export const MAX_WITHOUT_EFFECT = 2;

const SENT_IN_VAIN: readonly WarmUpRun['result'][] = ['no-effect', 'refused', 'failed'];

/**
 * The state after a run. Two without effect in a row pause the warm-up. With `joins`, a run that was skipped for the
 * same reason as the one before takes its place, because an interval would fill the history with them.
 */
export function recorded(state: State, run: WarmUpRun, joins: boolean): State {
  const before = warmUpIn(state, run.id);
  const [last, ...others] = before.runs ?? [];
  const isSame = joins && last?.result === 'skipped' && run.result === 'skipped' && last.reason === run.reason;
  const kept = last === undefined || isSame ? others : [last, ...others];
  const runs = [{ ...run, windows: [...run.windows] }, ...kept].slice(0, MAX_RUNS);
  if (run.result === 'skipped') return withWarmUp(state, run.id, { runs });
  const withoutEffect = SENT_IN_VAIN.includes(run.result) ? (before.withoutEffect ?? 0) + 1 : 0;
  const paused =
    withoutEffect >= MAX_WITHOUT_EFFECT
      ? { at: run.endedAt, why: `${MAX_WITHOUT_EFFECT} warm-ups in a row had no effect. ${run.message}` }
      : before.paused;
  return withWarmUp(state, run.id, { runs, withoutEffect, ...(paused && { paused }) });
}
