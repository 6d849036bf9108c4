import { groupBy } from '../base/group-by.ts';
import type { PluginInfo } from '../contract/rpc.ts';
import type { Instant, Notice, NoticeCode, NoticeLevel, Session } from '../contract/session.ts';
import { adviceIn } from './sign-in-advice.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf, type StatusTone } from './status.ts';

/** What every frontend shows. */
export type Overview = {
  readonly sessions: readonly Session[];
  readonly plugins: readonly PluginInfo[];
  readonly notices: readonly Notice[];
};

/** What `attentionOf` reads of them. `states.json` has as much. */
type Facts = {
  readonly sessions: readonly SessionFacts[];
  readonly plugins: readonly Pick<PluginInfo, 'id' | 'module' | 'status' | 'error'>[];
  readonly notices: readonly Notice[];
};

type SessionFacts = Pick<
  Session,
  'id' | 'displayName' | 'state' | 'signIn' | 'lastSuccessAt' | 'expiresAt' | 'loginExpiresAt'
>;

/** Something that needs the user. There is at most one per session, plugin, warm-up and notice about the daemon. */
export type Attention = {
  /** The id of the session, plugin or warm-up; `keepalive` if it concerns the daemon. */
  readonly id: string;
  readonly kind: 'session' | 'plugin' | 'warm-up' | 'daemon';
  readonly level: 'error' | 'warning';
  /** One line, without a full stop. */
  readonly title: string;
  /** What the user can do, as a command or an instruction. */
  readonly action?: string | undefined;
};

const NEEDS_USER: Readonly<Record<StatusTone, boolean>> = {
  pending: false,
  busy: false,
  good: false,
  deferred: false,
  delayed: false,
  offline: false,
  off: false,
  trouble: true,
  stopped: true,
  login: true,
};

const OF_KERNEL: readonly NoticeCode[] = ['port-taken', 'link-reused', 'config-refused', 'fleet-unreachable'];

/** Whether a notice concerns the daemon, and no session or plugin. */
export const isOfKernel = ({ code }: Pick<Notice, 'code'>): boolean => OF_KERNEL.includes(code);

/** Everything that needs the user, the worst first. All frontends count and list this, so their counts agree. */
export function attentionOf({ sessions, plugins, notices }: Facts, now: Instant): readonly Attention[] {
  const bySession = noticesBySession(notices);
  return worstFirst([
    ...sessions.flatMap(session => attentionOn(session, bySession.get(session.id) ?? [], now) ?? []),
    ...attentionBeside({ plugins, notices }),
  ]);
}

export const noticesBySession = (notices: Iterable<Notice>): Map<string, Notice[]> =>
  groupBy(notices, ({ session }) => session);

/** What needs the user beside the sessions: plugins, warm-ups, and the daemon itself. */
export const attentionBeside = ({ plugins, notices }: Omit<Facts, 'sessions'>): readonly Attention[] => [
  ...plugins.filter(({ status }) => status === 'failed').map(plugin => ofPlugin(plugin, plugins)),
  ...notices.filter(({ code }) => code === 'warmup-paused').map(ofWarmUp),
  ...notices.filter(notice => isOfKernel(notice) && notice.level !== 'info').map(ofKernel),
];

const GRAVITY: readonly NoticeLevel[] = ['error', 'warning', 'info'];

export const worstFirst = <T extends Pick<Notice, 'level'>>(items: readonly T[]): readonly T[] =>
  GRAVITY.flatMap(gravity => items.filter(({ level }) => level === gravity));

/** The sessions that need the user first, the worst of them at the front. */
export function urgentFirst<T extends Pick<Session, 'id'>>(
  sessions: readonly T[],
  attention: readonly Attention[],
): readonly T[] {
  const urgent = attention.flatMap(({ id, kind }) =>
    kind === 'session' ? sessions.filter(session => session.id === id) : [],
  );
  return [...urgent, ...sessions.filter(session => !urgent.includes(session))];
}

/** What needs the user about one session, given the notices about it. */
export function attentionOn(session: SessionFacts, notices: readonly Notice[], now: Instant): Attention | undefined {
  const { id, displayName, lastSuccessAt } = session;
  const status = statusOf(session, now);
  const notice = notices.find(one => one.level !== 'info' && !isOfKernel(one));
  const about = { id, kind: 'session' } as const;
  if (NEEDS_USER[STATUS_TONES[status]]) {
    // A session that is retried may recover, and a tool that was never kept alive is only not signed in.
    const isMild = status === 'backoff' || (status === 'unavailable' && lastSuccessAt === undefined);
    const level = isMild ? 'warning' : 'error';
    const title = `${displayName}: ${STATUS_LABELS[status]}`;
    return { ...about, level, title, action: notice?.action ?? adviceIn(session) };
  }
  const isOn = STATUS_TONES[status] !== 'off';
  return notice && isOn ? { ...about, level: 'warning', title: notice.title, action: notice.action } : undefined;
}

/** What a failed plugin is called: the second of two with one id must not be taken for the first, which is kept. */
export const failedName = (
  { id, module }: Pick<PluginInfo, 'id' | 'module'>,
  plugins: readonly Pick<PluginInfo, 'id' | 'status'>[],
): string => (id === '' || plugins.some(one => one.id === id && one.status === 'loaded') ? module : id);

const ofPlugin = (plugin: Facts['plugins'][number], plugins: Facts['plugins']): Attention => ({
  id: failedName(plugin, plugins),
  kind: 'plugin',
  level: 'error',
  title: `The plugin ${plugin.module} was not loaded`,
  action: plugin.error?.message,
});

const ofWarmUp = ({ session, title, action }: Notice): Attention => ({
  id: session,
  kind: 'warm-up',
  level: 'warning',
  title,
  action,
});

const ofKernel = ({ session, level, title, action }: Notice): Attention => ({
  id: session,
  kind: 'daemon',
  level: level === 'error' ? 'error' : 'warning',
  title,
  action,
});
