import type { WarmUp, WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { WarmUpsContext } from '../../sdk/plugin/warm-ups.ts';
import { sentToday, skipOf } from './decide.ts';
import { driverOf, type Drivers } from './drivers.ts';
import type { Checked, Settings } from './options.ts';
import { timesAfter } from './plan.ts';
import { accountIn, warmUpIn, withoutWarmUp, withWarmUp } from './state.ts';
import { changeState, readState } from './store.ts';

type Options = { readonly options: Checked; readonly settings: Settings; readonly drivers: Drivers };

/** The warm-up as `warmup/list` shows it. */
export async function show(
  { options, settings, drivers }: Options,
  plan: number,
  context: WarmUpsContext,
): Promise<WarmUp> {
  const { now, sessions } = context;
  const state = await readState(context);
  const own = warmUpIn(state, settings.id);
  const account = own.account === undefined ? {} : accountIn(state, own.account);
  const provider = sessions.find(({ id }) => id === settings.session)?.provider;
  const driver = provider === undefined ? undefined : await driverOf(drivers, provider);
  const cost = driver?.costOf(settings.model);
  const warning = warningOf(settings);
  const { paused, runs: [last] = [] } = own;
  return {
    ...options,
    next: planned(timesAfter(settings, now, plan), { settings, own, account, lostAt: state.lostAt }),
    ...(paused && { paused }),
    windows: (account.windows ?? []).filter(({ resetsAt }) => resetsAt > now),
    ...(account.windowsAt !== undefined && { windowsAt: account.windowsAt }),
    ...(last && { last }),
    ...(cost && { cost: { ...cost, command: [...cost.command], ...(warning !== undefined && { warning }) } }),
    today: sentToday(account.sent ?? [], settings.timezone, now),
  };
}

type Known = Pick<Parameters<typeof skipOf>[0], 'own' | 'account' | 'lostAt'> & { readonly settings: Settings };

/** Each time until a prompt may be sent shows why it will be skipped. What later ones find depends on that prompt. */
export function planned(times: readonly number[], known: Known): WarmUp['next'] {
  const skips = times.map(at => skipOf({ ...known, plannedAt: at, now: at }));
  const sends = skips.indexOf(undefined);
  return times.map((at, index) => {
    const skip = sends === -1 || index < sends ? skips[index] : undefined;
    return { at, ...(skip && { skipped: skip.message }) };
  });
}

/** Several prompts a day use up a part of the week that the user may need. */
function warningOf({ everyMs, perDay, at }: Settings): string | undefined {
  const most = Math.min(perDay, everyMs === undefined ? at.length : 24);
  if (most < 2) return undefined;
  return `Up to ${most} prompts a day, ${most * 7} a week, each of which uses some of the quota of the week.`;
}

export async function history({ settings }: Options, context: WarmUpsContext): Promise<readonly WarmUpRun[]> {
  return warmUpIn(await readState(context), settings.id).runs ?? [];
}

/** Ends a pause. Nothing is sent before the next time. */
export async function resume({ settings }: Options, context: WarmUpsContext): Promise<void> {
  await changeState(context, state => withWarmUp(state, settings.id, { paused: undefined, withoutEffect: 0 }));
}

/** For a warm-up that is removed: one with its id that is added later begins without a past. */
export async function forget({ settings }: Options, context: WarmUpsContext): Promise<void> {
  await changeState(context, state => withoutWarmUp(state, settings.id));
}
