import { shellWord } from '../base/shell-word.ts';
import type { UsageWindow, WarmUp, WarmUpCost, WarmUpRun } from '../contract/rpc.ts';
import type { Instant } from '../contract/session.ts';
import { describeDuration } from './duration.ts';
import { shortDays } from './schedule.ts';
import { capitalized, counted, sentence } from './sentence.ts';
import type { StatusTone } from './status.ts';
import { relative, relativeAndLocal } from './time.ts';

/** What a run of a warm-up did, in a few words. */
export const RESULT_LABELS: Readonly<Record<WarmUpRun['result'], string>> = {
  started: 'started a window',
  running: 'a window was running',
  'no-effect': 'no effect',
  refused: 'no effect, refused',
  failed: 'no effect, failed',
  skipped: 'skipped',
};

export const RESULT_TONES: Readonly<Record<WarmUpRun['result'], StatusTone>> = {
  started: 'good',
  running: 'deferred',
  'no-effect': 'trouble',
  refused: 'trouble',
  failed: 'trouble',
  skipped: 'deferred',
};

type Schedule = Pick<WarmUp, 'at' | 'every' | 'days' | 'timezone' | 'skip'>;

/** When it is made: `06:00, 11:30 on Mon, Tue; Europe/Berlin; not on 25 Dec`. Past days off are left out. */
export function warmUpSchedule({ at, every, days, timezone, skip = [] }: Schedule, now: Instant): string {
  const times =
    every === undefined ? at?.map(padded).join(', ') : `every ${describeDuration(every, 'long').replace(/^1 /, '')}`;
  const onDays = days ? ` on ${shortDays(days)}` : ' every day';
  const off = daysOff(skip, now);
  return [
    `${times ?? 'never'}${every === undefined || days ? onDays : ''}`,
    ...(timezone === undefined ? [] : [timezone]),
    ...(off === undefined ? [] : [`not on ${off}`]),
  ].join('; ');
}

const padded = (time: string): string => time.padStart(5, '0');

const MAX_DAYS_OFF = 3;

function daysOff(skip: readonly string[], now: Instant): string | undefined {
  // Wherever the warm-up is, its local day is at most one behind.
  const oldest = dateOf(now - 86_400_000);
  const coming = [...new Set(skip)].filter(day => day >= oldest).toSorted();
  if (coming.length === 0) return undefined;
  const shown = coming.slice(0, MAX_DAYS_OFF).map(day => shortDate(day, now));
  const more = coming.length - shown.length;
  return [...shown, ...(more > 0 ? [`${counted(more, 'more day')}`] : [])].join(', ');
}

const dateOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

/** A local day: `25 Dec`, with the year unless it is this one. */
function shortDate(day: string, now: Instant): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
  const year = day.slice(0, 4);
  return `${format.format(Date.parse(day))}${year === String(new Date(now).getFullYear()) ? '' : ` ${year}`}`;
}

type Limits = Pick<WarmUp, 'at' | 'missed' | 'perDay'>;

/** What limits it: `at most 1 prompt a day; skipped if the machine sleeps at the time`. */
export function warmUpLimits({ at = [], missed = 'skip', perDay = 1 }: Limits): string {
  const late =
    missed === 'skip'
      ? 'skipped if the machine sleeps at the time'
      : `made up to ${describeDuration(missed, 'long')} late if the machine slept`;
  // With the default of one, it would surprise that a second time is for the day on which the first is skipped.
  const others = at.length > perDay ? ', then its other times are skipped' : '';
  return `at most ${counted(perDay, 'prompt')} a day${others}; ${late}`;
}

const HOUR_MS = 3_600_000;
const USUAL_HOURS = 5;

/** A window: `5-hour window: 12 % used, resets in 3 h (11:00)`. */
export function windowText(window: UsageWindow, now: Instant): string {
  const { startsAt, resetsAt } = window;
  const reset =
    resetsAt <= now ? `reset ${relativeAndLocal(resetsAt, now)}` : `resets ${relativeAndLocal(resetsAt, now)}`;
  const isLater = startsAt !== undefined && startsAt > now;
  const begin = isLater ? [`begins ${relativeAndLocal(startsAt, now)}`] : [];
  return `${windowLabel(window)}: ${[...usedText(window), ...begin, reset].join(', ')}`;
}

/** `5-hour window`, `week`. */
export function windowLabel({ kind, startsAt, resetsAt }: UsageWindow): string {
  if (kind === 'week') return 'week';
  const hours = startsAt === undefined ? USUAL_HOURS : Math.round((resetsAt - startsAt) / HOUR_MS);
  return `${Math.max(1, hours)}-hour window`;
}

const usedText = ({ usedPercent }: UsageWindow): readonly string[] =>
  usedPercent === undefined ? [] : [`${Math.round(usedPercent)} % used`];

/** How old the report on the windows is: `reported 2 h ago`. */
export const reportedText = (at: Instant, now: Instant): string => `reported ${relative(at, now)}`;

/** What a run did: `2 h ago (06:00): A window was started. …`, `2 h ago (06:00): skipped. …`. */
export function runText({ plannedAt, result, message }: WarmUpRun, now: Instant): string {
  const label = result === 'skipped' ? 'skipped. ' : '';
  return `${relativeAndLocal(plannedAt, now)}: ${label}${sentence(message)}`;
}

/** One of the next times: `in 3 h (06:00)`, `in 3 h (06:00): will be skipped. …`. */
export const nextText = ({ at, skipped }: WarmUp['next'][number], now: Instant): string =>
  `${relativeAndLocal(at, now)}${skipped === undefined ? '' : `: will be skipped. ${sentence(skipped)}`}`;

export type WarmUpStatus = { readonly text: string; readonly tone: StatusTone };

/** How it is: `paused itself`, `next in 3 h (06:00)`, `no more times`. */
export function warmUpStatus({ paused, next: [first] }: Pick<WarmUp, 'paused' | 'next'>, now: Instant): WarmUpStatus {
  if (paused) return { text: `paused itself ${relative(paused.at, now)}`, tone: 'stopped' };
  if (!first) return { text: 'no more times', tone: 'off' };
  return { text: `next ${relativeAndLocal(first.at, now)}`, tone: first.skipped === undefined ? 'good' : 'deferred' };
}

/** Why a session of this provider has no warm-up, as sentences. */
export const unsupportedText = (provider: string): string =>
  `${NOT_OFFERED[provider] ?? 'Its program has no known way to begin and verify a usage window.'} ` +
  'There are warm-ups for claude and codex.';

const SUSPENDED =
  "Google forbids other software to use its tools' sign-ins, and has suspended accounts, so they have no warm-up.";

const NOT_OFFERED: Readonly<Partial<Record<string, string>>> = { gemini: SUSPENDED, antigravity: SUSPENDED };

/** What a warm-up costs, as lines with a label each. */
export type CostLine = { readonly label: 'Runs' | 'Tokens' | 'Terms' | 'Warning'; readonly text: string };

export const costText = ({ command, tokens, terms, warning }: WarmUpCost): readonly CostLine[] => [
  { label: 'Runs', text: command.map(shellWord).join(' ') },
  { label: 'Tokens', text: sentence(capitalized(tokens)) },
  { label: 'Terms', text: sentence(terms) },
  ...(warning === undefined ? [] : [{ label: 'Warning' as const, text: sentence(warning) }]),
];
