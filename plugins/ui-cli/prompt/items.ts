import type { Instant, Notice, SessionRecord } from '../../../sdk/contract/session.ts';
import { attentionOf, type Attention } from '../../../sdk/wording/attention.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf, type StatusTone } from '../../../sdk/wording/status.ts';
import type { States } from './states-file.ts';

/** All sessions in one word, by which a status bar chooses its colour. */
export type PromptClass = 'none' | 'ok' | 'paused' | 'waiting' | 'warning' | 'failing' | 'login' | 'stale' | 'unknown';

/** A session, or something else that needs the user. */
export type Item = {
  readonly id: string;
  readonly class: PromptClass;
  readonly label: string;
  /** The same for the line, if the label is too long for it. */
  readonly short?: string;
  readonly needsUser: boolean;
  /** What the user can do. */
  readonly action?: string | undefined;
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

/** The name of a plugin that did not load comes from the configuration, and ends up in a shell. */
const PLAIN = /^[\w@./][\w@./-]{0,63}$/;

const plainOr = (name: string, other: string): string => (PLAIN.test(name) ? name : other);

const NEEDS_YOU = 'needs you';

export function itemsOf(states: States | undefined, now: Instant): readonly Item[] {
  const sessions = Object.entries(states?.sessions ?? {}).map(([id, record]) => ({ ...record, id }));
  const notices = states?.notices ?? [];
  const plugins = notices.filter(({ code }) => code === 'plugin-failed').map(failedPlugin);
  const attention = attentionOf({ sessions, plugins, notices }, now);
  const about = new Map(attention.flatMap(item => (item.kind === 'session' ? [[item.id, item] as const] : [])));
  return [
    ...sessions.map(session => itemOf(session, about.get(session.id), now)),
    ...attention.filter(({ kind }) => kind !== 'session').map(otherItem),
  ];
}

const failedPlugin = ({ session }: Notice) =>
  ({ id: plainOr(session, 'plugin'), module: session, status: 'failed' }) as const;

type Known = SessionRecord & { readonly id: string };

function itemOf(session: Known, attention: Attention | undefined, now: Instant): Item {
  const { id } = session;
  const status = statusOf(session, now);
  const ofTone = CLASSES[STATUS_TONES[status]];
  const common = { id, needsUser: attention !== undefined, action: attention?.action };
  return attention && ofTone !== 'login' && ofTone !== 'failing'
    ? { ...common, class: 'warning', label: attention.title, short: NEEDS_YOU }
    : { ...common, class: ofTone, label: STATUS_LABELS[status] };
}

function otherItem({ id, kind, level, title, action }: Attention): Item {
  const common = { id: plainOr(id, 'keepalive'), needsUser: true, action };
  return kind === 'plugin'
    ? { ...common, class: 'failing', label: 'was not loaded' }
    : { ...common, class: level === 'error' ? 'failing' : 'warning', label: title, short: NEEDS_YOU };
}
