import { unreachable } from '../../../sdk/base/unreachable.ts';
import type { Instant, Notice, SessionRecord, SessionState } from '../../../sdk/contract/session.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf, type StatusTone } from '../../../sdk/wording/status.ts';
import { relative } from '../../../sdk/wording/time.ts';
import type { States } from './states-file.ts';

/** All sessions in one word, by which a status bar chooses its colour. */
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

const CLASSES: Readonly<Record<StatusTone, PromptClass>> = {
  pending: 'ok',
  busy: 'ok',
  good: 'ok',
  deferred: 'waiting',
  delayed: 'waiting',
  offline: 'waiting',
  off: 'paused',
  trouble: 'failing',
  stopped: 'failing',
  login: 'login',
};

/** The most urgent first: the line shows the first class that a session has. */
const ORDER: readonly PromptClass[] = ['stale', 'login', 'failing', 'waiting', 'ok', 'paused'];

const named = (ids: readonly string[], one: string, many: string = one): string =>
  ids.length === 1 ? `${ids[0]} ${one}` : `${ids.length} ${many}`;

const SUMMARIES: Readonly<Record<PromptClass, (ids: readonly string[]) => string>> = {
  none: () => '',
  ok: ids => `${ids.length} ${STATUS_LABELS.alive}`,
  paused: () => STATUS_LABELS.paused,
  waiting: ids => named(ids, 'waiting'),
  failing: ids => named(ids, STATUS_LABELS.backoff),
  login: ids => named(ids, 'login', 'logins'),
  stale: () => 'keepalive stopped',
  unknown: () => 'update keepalive',
};

/** A wake-up that is overdue by this much means that no daemon runs. A laptop that just woke up needs seconds. */
const OVERDUE_MS = 10 * 60_000;

/** The name of a plugin that did not load comes from the configuration, and ends up in a shell. */
const PLAIN = /^[\w@./-]{1,64}$/;

const NEWER = 'a newer version of keepalive wrote the states';

const DEFAULT_FORMAT = '{symbol} {summary}';

/** A session, or a plugin that did not load. */
type Item = { readonly id: string; readonly class: PromptClass; readonly label: string };

/** The line that `prompt` prints. In the format `waybar`: its JSON. */
export const renderPrompt = (states: States | undefined, now: Instant, format: string | undefined): string =>
  format === 'waybar' ? JSON.stringify(summarize(states, now)) : summarize(states, now, format).text;

/** One short line about all sessions, from what the daemon last saved. */
export function summarize(states: States | undefined, now: Instant, format: string = DEFAULT_FORMAT): PromptSummary {
  const sessions = Object.entries(states?.sessions ?? {});
  const items = [...sessions.map(([id, record]) => itemOf(id, record, now)), ...failedPlugins(states?.notices ?? [])];
  const idsOf = (wanted: PromptClass) => items.filter(item => item.class === wanted).map(({ id }) => id);
  const overall = states?.isNewer ? 'unknown' : (ORDER.find(candidate => idsOf(candidate).length > 0) ?? 'none');
  const wakes = sessions.flatMap(([, { state }]) =>
    'wakeAt' in state && state.wakeAt !== undefined ? [state.wakeAt] : [],
  );
  const values: Readonly<Record<string, string>> = {
    symbol: SYMBOLS[overall],
    summary: SUMMARIES[overall](idsOf(overall)),
    alive: String(idsOf('ok').length),
    total: String(sessions.length),
    trouble: [...idsOf('login'), ...idsOf('failing')].join(' '),
    next: wakes.length ? relative(Math.min(...wakes), now) : '',
    ids: sessions.map(([id]) => id).join(' '),
  };
  const text = format.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder).trim();
  const tooltip = states?.isNewer ? NEWER : items.map(({ id, label }) => `${id}: ${label}`).join('\n');
  return { text, tooltip, class: overall, alt: overall };
}

function itemOf(id: string, record: SessionRecord, now: Instant): Item {
  const status = statusOf(record, now);
  return now - dueAt(record.state, now) > OVERDUE_MS
    ? { id, class: 'stale', label: 'not kept alive' }
    : { id, class: CLASSES[STATUS_TONES[status]], label: STATUS_LABELS[status] };
}

const failedPlugins = (notices: readonly Notice[]): readonly Item[] =>
  notices
    .filter(({ code }) => code === 'plugin-failed')
    .map(({ session }) => ({
      id: PLAIN.test(session) ? session : 'plugin',
      class: 'failing',
      label: 'plugin not loaded',
    }));

/** When a running daemon changes the state at the latest. */
function dueAt(state: SessionState, now: Instant): Instant {
  switch (state.name) {
    case 'refreshing':
      return state.since;
    case 'idle':
    case 'alive':
    case 'waiting':
    case 'halted':
      return state.wakeAt ?? now;
    default:
      return unreachable(state);
  }
}
