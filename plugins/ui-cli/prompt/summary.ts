import { unreachable } from '../../../sdk/base/unreachable.ts';
import type { Instant, Notice, SessionRecord, SessionState } from '../../../sdk/contract/session.ts';
import { attentionOf, type Attention } from '../../../sdk/wording/attention.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf, type StatusTone } from '../../../sdk/wording/status.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { fill } from './format.ts';
import type { States } from './states-file.ts';

/** All sessions in one word, by which a status bar chooses its colour. */
type PromptClass = 'none' | 'ok' | 'paused' | 'waiting' | 'warning' | 'failing' | 'login' | 'stale' | 'unknown';

/** What a status bar shows, in the form that waybar reads. */
type PromptSummary = {
  readonly text: string;
  readonly tooltip: string;
  readonly class: PromptClass;
  readonly alt: PromptClass;
};

/** What the line is made of. */
export type PromptFacts = {
  readonly states: States | undefined;
  /** Whether a daemon runs, as far as that is known. */
  readonly daemon: 'running' | 'stopped' | 'unknown';
  readonly now: Instant;
};

const SYMBOLS: Readonly<Record<PromptClass, string>> = {
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

/** The most urgent first: the line shows the first class that there is. */
const ORDER: readonly PromptClass[] = ['login', 'failing', 'warning', 'waiting', 'ok', 'paused'];

/** A wake-up that is overdue by this much means that no daemon acts. A laptop that just woke up needs seconds. */
const OVERDUE_MS = 10 * 60_000;

/** The name of a plugin that did not load comes from the configuration, and ends up in a shell. */
const PLAIN = /^[\w@./-]{1,64}$/;

const NEEDS_YOU = 'needs you';

const DEFAULT_FORMAT = '{symbol} {summary}';

/** A session, or something else that needs the user. */
type Item = {
  readonly id: string;
  readonly class: PromptClass;
  readonly label: string;
  /** The same for the line, if the label is too long for it. */
  readonly short?: string;
  readonly needsUser: boolean;
};

/** The line that `prompt` prints. In the format `waybar`: its JSON. */
export const renderPrompt = (facts: PromptFacts, format: string | undefined): string =>
  format === 'waybar' ? JSON.stringify(summarize(facts)) : summarize(facts, format).text;

/** One short line about all sessions, from what the daemon last saved. */
export function summarize(facts: PromptFacts, format: string = DEFAULT_FORMAT): PromptSummary {
  const { states, now } = facts;
  const items = itemsOf(states, now);
  const troubled = items.filter(({ needsUser }) => needsUser);
  const worst = ORDER.find(candidate => items.some(item => item.class === candidate)) ?? 'none';
  const doubt = doubtOf(facts);
  const overall = doubt?.class ?? worst;
  const records = Object.entries(states?.sessions ?? {});
  const wakes = records.flatMap(([, { state }]) => ('wakeAt' in state ? (state.wakeAt ?? []) : []));
  const values: Readonly<Record<string, string>> = {
    symbol: SYMBOLS[overall],
    summary: doubt?.text ?? (troubled.length > 0 ? needOf(troubled) : calmOf(overall, items)),
    alive: String(doubt ? 0 : items.filter(item => item.class === 'ok').length),
    total: String(records.length),
    trouble: troubled.map(({ id }) => id).join(' '),
    next: wakes.length > 0 && !doubt ? relative(Math.min(...wakes), now) : '',
    ids: records.map(([id]) => id).join(' '),
  };
  const text = fill(format, values);
  const tooltip = doubt ? doubt.tooltip : items.map(({ id, label }) => `${id}: ${label}`).join('\n');
  return { text, tooltip, class: overall, alt: overall };
}

type Doubt = { readonly class: PromptClass; readonly text: string; readonly tooltip: string };

const DOUBTS = {
  newer: {
    class: 'unknown',
    text: 'update keepalive',
    tooltip: 'a newer version of keepalive wrote the states',
  },
  stopped: {
    class: 'stale',
    text: 'keepalive is not running',
    tooltip: 'no session is kept alive now: keepalive start',
  },
  silent: {
    class: 'stale',
    text: 'keepalive does not respond',
    tooltip: 'attempts are overdue: keepalive restart',
  },
} as const satisfies Readonly<Record<string, Doubt>>;

/** Why the saved states cannot be relied on. Without saved states there is nothing to say. */
function doubtOf({ states, daemon, now }: PromptFacts): Doubt | undefined {
  if (!states) return undefined;
  if (states.isNewer) return DOUBTS.newer;
  const isStopped = daemon === 'stopped' || (daemon === 'unknown' && states.stoppedAt !== undefined);
  if (isStopped) return DOUBTS.stopped;
  const isOverdue = Object.values(states.sessions).some(({ state }) => now - dueAt(state, now) > OVERDUE_MS);
  return isOverdue ? DOUBTS.silent : undefined;
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

function itemsOf(states: States | undefined, now: Instant): readonly Item[] {
  const sessions = Object.entries(states?.sessions ?? {}).map(([id, record]) => ({ ...record, id }));
  const notices = states?.notices ?? [];
  const plugins = notices.filter(({ code }) => code === 'plugin-failed').map(failedPlugin);
  const attention = attentionOf({ sessions, plugins, notices }, now);
  const about = (id: string) => attention.find(item => item.kind === 'session' && item.id === id);
  return [
    ...sessions.map(session => itemOf(session, about(session.id), now)),
    ...attention.filter(({ kind }) => kind !== 'session').map(otherItem),
  ];
}

const failedPlugin = ({ session }: Notice) =>
  ({ id: PLAIN.test(session) ? session : 'plugin', module: session, status: 'failed' }) as const;

type Known = SessionRecord & { readonly id: string };

function itemOf(session: Known, attention: Attention | undefined, now: Instant): Item {
  const { id } = session;
  const status = statusOf(session, now);
  const ofTone = CLASSES[STATUS_TONES[status]];
  const needsUser = attention !== undefined;
  const isOnlyNoticed = needsUser && ofTone !== 'login' && ofTone !== 'failing';
  return isOnlyNoticed
    ? { id, class: 'warning', label: attention.title, short: NEEDS_YOU, needsUser }
    : { id, class: ofTone, label: STATUS_LABELS[status], needsUser };
}

const otherItem = ({ id, kind, level, title }: Attention): Item =>
  kind === 'plugin'
    ? { id, class: 'failing', label: 'was not loaded', needsUser: true }
    : { id, class: level === 'error' ? 'failing' : 'warning', label: title, short: NEEDS_YOU, needsUser: true };

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
