import type { WarmUp } from '../../../../sdk/contract/rpc.ts';
import { counted, sentence } from '../../../../sdk/wording/sentence.ts';
import { timeIn } from './warm-ups.ts';
import type { Problem } from './error.ts';
import { DAYS, daysIn, parseDuration } from './schedule-form.ts';

/** What the user has written into the form, field by field. */
export type WarmUpDraft = {
  readonly session: string;
  /** At times of day, or again and again. */
  readonly mode: 'at' | 'every';
  readonly at: readonly string[];
  readonly every: string;
  readonly perDay: string;
  /** Joined by commas. */
  readonly days: string;
  readonly timezone: string;
  readonly skip: readonly string[];
  readonly missed: string;
  readonly model: string;
};

export type WarmUpField = keyof WarmUpDraft;

export const emptyDraft = (session: string): WarmUpDraft => ({
  session,
  mode: 'at',
  at: ['06:00'],
  every: '4h',
  perDay: '1',
  days: Object.keys(DAYS).join(),
  timezone: '',
  skip: [],
  missed: 'skip',
  model: '',
});

/** What to do when the machine slept at the time. */
export const MISSED: Readonly<Record<string, string>> = {
  skip: 'Skip it',
  '30m': 'Make it up, up to 30 minutes late',
  '1h': 'Make it up, up to 1 hour late',
};

export const INTERVALS: Readonly<Record<string, string>> = {
  '15m': '15 minutes',
  '30m': '30 minutes',
  '1h': '1 hour',
  '2h': '2 hours',
  '3h': '3 hours',
  '4h': '4 hours',
};

export type FieldProblems = { readonly [field in WarmUpField]?: string };

const MAX_PER_DAY = 24;

/** What is missing before the daemon is asked. */
export function problemsIn({ mode, at, days, perDay }: WarmUpDraft): FieldProblems {
  const times = written(at);
  const most = Number(perDay);
  return {
    ...(mode === 'at' && times.length === 0 && { at: 'Write a time of day, such as 06:00.' }),
    ...(mode === 'at' && new Set(times).size < times.length && { at: 'A time of day is there twice.' }),
    ...(daysIn(days).length === 0 && { days: 'Choose at least one day.' }),
    ...(!(Number.isInteger(most) && most >= 1 && most <= MAX_PER_DAY) && {
      perDay: `Write a number from 1 to ${MAX_PER_DAY}.`,
    }),
  };
}

/** What is sent to the daemon. */
export function optionsOf(draft: WarmUpDraft, taken: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const { session, mode, every, perDay, missed } = draft;
  const days = daysIn(draft.days);
  const [timezone, model, skip] = [draft.timezone.trim(), draft.model.trim(), written(draft.skip)];
  return {
    id: freeId(session, taken),
    session,
    ...(mode === 'at' ? { at: written(draft.at).toSorted() } : { every }),
    ...(days.length < Object.keys(DAYS).length && { days }),
    ...(timezone && { timezone }),
    ...(skip.length > 0 && { skip: [...new Set(skip)].toSorted() }),
    missed,
    perDay: Number(perDay),
    ...(model && { model }),
  };
}

const written = (texts: readonly string[]): readonly string[] => texts.filter(text => text !== '');

/** A plain id that no plugin has: `warmup-claude`, `warmup-claude-2`. */
function freeId(session: string, taken: ReadonlySet<string>): string {
  const id = `warmup-${session.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.replace(/-$/, '');
  for (let count = 1; ; count += 1) {
    const one = count === 1 ? id : `${id}-${count}`;
    if (!taken.has(one)) return one;
  }
}

const isField = (name: string): name is WarmUpField => Object.hasOwn(emptyDraft(''), name);

/** What the daemon refuses, by field: `options.at[0]` is a problem of `at`. */
export function fieldProblems(problems: readonly Problem[]): FieldProblems {
  const entries = problems.flatMap(({ path, message }) => {
    const field = /^(?:options\.)?(\w+)/.exec(path)?.[1] ?? '';
    return isField(field) ? [[field, sentence(message)] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Times that no prompt is left for. */
export function perDayHint({ mode, at, perDay }: WarmUpDraft): string {
  const times = mode === 'at' ? written(at).length : 0;
  if (times <= Number(perDay) || !(Number(perDay) >= 1)) return 'How many prompts are sent on one day at most.';
  return `There are ${times} times a day. After ${counted(Number(perDay), 'prompt')}, the others are skipped.`;
}

/** The zone's clock, to see whether it is the right one. */
export function zoneHint(timezone: string, now: number): string {
  const zone = timezone.trim();
  if (zone === '') return 'The zone of the machine that runs Keepalive, if this is empty.';
  const time = timeIn(zone, now);
  return time === undefined ? 'This zone is not known here.' : `It is ${time} there now.`;
}

/** The schedule as it is put into words. */
export function scheduleOfDraft(draft: WarmUpDraft): WarmUpSchedule {
  const { mode, at, every, perDay, missed, timezone, skip } = draft;
  const days = daysIn(draft.days);
  return {
    ...(mode === 'at' ? { at: [...written(at)].toSorted() } : { every: parseDuration(every) }),
    ...(days.length < Object.keys(DAYS).length && { days: [...days] }),
    ...(timezone.trim() && { timezone: timezone.trim() }),
    skip: [...written(skip)],
    missed: missed === 'skip' ? missed : parseDuration(missed),
    perDay: Number(perDay),
  };
}

type WarmUpSchedule = Pick<WarmUp, 'at' | 'every' | 'days' | 'timezone' | 'skip' | 'missed' | 'perDay'>;
