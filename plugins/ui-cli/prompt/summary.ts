import { printable } from '../../../sdk/base/printable.ts';
import { STATUS_LABELS } from '../../../sdk/wording/status.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { doubtOf, type Doubt, type PromptFacts } from './doubt.ts';
import { itemsOf, type Item, type PromptClass } from './items.ts';
import { fill, type Values } from './placeholders.ts';

/** What a status bar shows, in the form that waybar reads. */
export type PromptSummary = {
  readonly text: string;
  readonly tooltip: string;
  readonly class: PromptClass;
  readonly alt: PromptClass;
};

/** The same before it becomes text. */
export type Survey = {
  readonly class: PromptClass;
  readonly doubt: Doubt | undefined;
  readonly items: readonly Item[];
  readonly values: Values;
};

export const SYMBOLS: Readonly<Record<PromptClass, string>> = {
  none: '',
  ok: '●',
  paused: '‖',
  waiting: '◌',
  warning: '▲',
  failing: '▲',
  login: '✗',
  stale: '?',
  unknown: '?',
};

/** The most urgent first: the line shows the first class that there is. */
const ORDER: readonly PromptClass[] = ['login', 'failing', 'warning', 'waiting', 'ok', 'paused'];

export const DEFAULT_TEXT = '{symbol} {summary}';

/** One short line about all sessions, and a longer text, from what the daemon last saved. */
export const summarize = (facts: PromptFacts, text?: string): PromptSummary => summaryOf(surveyOf(facts), text);

export function summaryOf({ class: overall, doubt, items, values }: Survey, text = DEFAULT_TEXT): PromptSummary {
  const tooltip = doubt?.tooltip ?? items.map(({ id, label }) => `${id}: ${label}`).join('\n');
  return { text: printable(fill(text, values)), tooltip: printable(tooltip), class: overall, alt: overall };
}

export function surveyOf(facts: PromptFacts): Survey {
  const { states, now } = facts;
  const items = itemsOf(states, now);
  const troubled = items.filter(({ needsUser }) => needsUser);
  const doubt = doubtOf(facts);
  const overall = doubt?.class ?? ORDER.find(candidate => items.some(item => item.class === candidate)) ?? 'none';
  const records = Object.entries(states?.sessions ?? {});
  const wakes = records.flatMap(([, { state }]) => ('wakeAt' in state ? (state.wakeAt ?? []) : []));
  const ends = records.flatMap(([, { loginExpiresAt }]) => loginExpiresAt ?? []);
  const soonest = (times: readonly number[]) => (times.length > 0 ? relative(Math.min(...times), now) : '');
  const values = {
    symbol: SYMBOLS[overall],
    summary: doubt?.text ?? (troubled.length > 0 ? needOf(troubled) : calmOf(overall, items)),
    alive: String(doubt ? 0 : items.filter(item => item.class === 'ok').length),
    total: String(records.length),
    trouble: troubled.map(({ id }) => id).join(' '),
    next: doubt ? '' : soonest(wakes),
    ids: idsOf(records, items).join(' '),
    class: overall,
    needs: String(troubled.length),
    ends: soonest(ends),
  };
  return { class: overall, doubt, items, values };
}

/** The sessions that need a login first, then others that need the user: completion offers them in this order. */
function idsOf(records: readonly (readonly [string, unknown])[], items: readonly Item[]): readonly string[] {
  const rank = (id: string) => {
    const item = items.find(one => one.id === id);
    return item?.class === 'login' ? 0 : item?.needsUser ? 1 : 2;
  };
  return records.map(([id]) => id).toSorted((one, other) => rank(one) - rank(other));
}

function needOf(items: readonly Item[]): string {
  const [first] = items;
  return items.length === 1 && first ? `${first.id} ${first.short ?? first.label}` : `${items.length} need you`;
}

function calmOf(overall: PromptClass, items: readonly Item[]): string {
  const ids = items.filter(item => item.class === overall).map(({ id }) => id);
  if (overall === 'ok') return `${ids.length} ${STATUS_LABELS.alive}`;
  if (overall === 'waiting') return `${ids.length === 1 ? ids[0] : ids.length} waiting`;
  return overall === 'paused' ? STATUS_LABELS.paused : '';
}
