import { isExpired, type SessionRecord } from '../../../sdk/contract/session.ts';
import { relative } from '../render/time.ts';
import type { States } from './states-file.ts';

/** How all sessions are, in one word: what a status bar colours by. */
type PromptClass = 'none' | 'ok' | 'paused' | 'waiting' | 'failing' | 'login' | 'stale' | 'unknown';

/** What a status bar shows, in the form that waybar reads. */
type PromptSummary = {
  readonly text: string;
  readonly tooltip: string;
  readonly class: PromptClass;
  readonly alt: PromptClass;
};

const SYMBOLS: Readonly<Record<PromptClass, string>> = {
  none: '',
  ok: '●',
  paused: '‖',
  waiting: '◌',
  failing: '▲',
  login: '✗',
  stale: '?',
  unknown: '?',
};

/** A wake this long overdue means that nobody is there to keep it: a laptop that just woke needs seconds. */
const OVERDUE_MS = 10 * 60_000;

/** The name of a plugin that did not load comes from the configuration and ends up in a shell. */
const PLAIN = /^[\w@./-]{1,64}$/;

const DEFAULT_FORMAT = '{symbol} {summary}';

/** One short line on all sessions, from what the daemon last wrote down. */
export function summarize(states: States | undefined, now: number, format: string = DEFAULT_FORMAT): PromptSummary {
  const entries = Object.entries(states?.sessions ?? {});
  const failedPlugins = (states?.notices ?? [])
    .filter(({ code }) => code === 'plugin-failed')
    .map(({ session }) => (PLAIN.test(session) ? session : 'plugin'));
  const classes = [
    ...entries.map(([id, record]) => [id, classOf(record, now)] as const),
    ...failedPlugins.map(id => [id, 'failing'] as const),
  ];
  const having = (wanted: PromptClass) => classes.filter(([, found]) => found === wanted).map(([id]) => id);
  const overall = states?.isNewer ? 'unknown' : (ORDER.find(candidate => having(candidate).length > 0) ?? 'none');
  const affected = having(overall);
  const wakes = entries.flatMap(([, { state }]) =>
    'wakeAt' in state && state.wakeAt !== undefined ? [state.wakeAt] : [],
  );
  const values: Readonly<Record<string, string>> = {
    symbol: SYMBOLS[overall],
    summary: SUMMARIES[overall](affected),
    alive: String(having('ok').length),
    total: String(entries.length),
    trouble: [...having('login'), ...having('failing')].join(' '),
    next: wakes.length ? relative(Math.min(...wakes), now) : '',
    ids: entries.map(([id]) => id).join(' '),
  };
  const text = format.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder).trim();
  const tooltip = classes.map(([id, found]) => `${id}: ${tooltipOf(states?.sessions[id], found, now)}`).join('\n');
  return { text, tooltip: states?.isNewer ? TOOLTIPS.unknown : tooltip, class: overall, alt: overall };
}

/** What is worth saying first. */
const ORDER: readonly PromptClass[] = ['stale', 'login', 'failing', 'waiting', 'ok', 'paused'];

const TOOLTIPS: Readonly<Record<PromptClass, string>> = {
  none: '',
  ok: 'alive',
  paused: 'paused',
  waiting: 'waiting',
  failing: 'failing',
  login: 'login required',
  stale: 'not looked after',
  unknown: 'a newer version of keepalive wrote the states',
};

function tooltipOf(record: SessionRecord | undefined, found: PromptClass, now: number): string {
  if (!record) return 'plugin not loaded';
  return found === 'failing' && record.state.name !== 'halted' && isExpired(record, now) ? 'expired' : TOOLTIPS[found];
}

const named = (ids: readonly string[], one: string, many: string = one): string =>
  ids.length === 1 ? `${ids[0]} ${one}` : `${ids.length} ${many}`;

const SUMMARIES: Readonly<Record<PromptClass, (ids: readonly string[]) => string>> = {
  none: () => '',
  ok: ids => `${ids.length} alive`,
  paused: () => 'paused',
  waiting: ids => named(ids, 'waiting'),
  failing: ids => named(ids, 'failing'),
  login: ids => named(ids, 'login', 'logins'),
  stale: () => 'keepalive stopped',
  unknown: () => 'update keepalive',
};

function classOf(record: SessionRecord, now: number): PromptClass {
  const { state } = record;
  const due = ('wakeAt' in state ? state.wakeAt : state.name === 'refreshing' ? state.since : now) ?? now;
  if (now - due > OVERDUE_MS) return 'stale';
  switch (state.name) {
    case 'halted':
      return state.why === 'paused' ? 'paused' : state.why === 'login-required' ? 'login' : 'failing';
    case 'waiting':
      return state.why === 'backoff' || isExpired(record, now) ? 'failing' : 'waiting';
    default:
      return isExpired(record, now) ? 'failing' : 'ok';
  }
}
