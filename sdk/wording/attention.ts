import type { PluginInfo } from '../contract/rpc.ts';
import type { Instant, Notice, NoticeCode, Session } from '../contract/session.ts';
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

type SessionFacts = Pick<Session, 'id' | 'displayName' | 'state' | 'lastSuccessAt' | 'expiresAt' | 'loginExpiresAt'>;

/** Something that needs the user. There is at most one per session, plugin and notice about the daemon. */
export type Attention = {
  /** The id of the session or plugin; `keepalive` if it concerns the daemon. */
  readonly id: string;
  readonly kind: 'session' | 'plugin' | 'daemon';
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

const OF_KERNEL: readonly NoticeCode[] = ['port-taken', 'link-reused', 'config-refused'];

/** Whether a notice concerns the daemon, and no session or plugin. */
export const isOfKernel = ({ code }: Pick<Notice, 'code'>): boolean => OF_KERNEL.includes(code);

/** Everything that needs the user, the worst first. All frontends count and list this, so their counts agree. */
export function attentionOf({ sessions, plugins, notices }: Facts, now: Instant): readonly Attention[] {
  const found = [
    ...sessions.flatMap(session => ofSession(session, notices, now)),
    ...plugins.filter(({ status }) => status === 'failed').map(ofPlugin),
    ...notices.filter(notice => isOfKernel(notice) && notice.level !== 'info').map(ofKernel),
  ];
  const rank = ({ level }: Attention) => (level === 'error' ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}

function ofSession(session: SessionFacts, notices: readonly Notice[], now: Instant): readonly Attention[] {
  const { id, displayName, state, lastSuccessAt } = session;
  const status = statusOf(session, now);
  const notice = notices.find(one => one.session === id && one.level !== 'info' && !isOfKernel(one));
  const about = { id, kind: 'session' } as const;
  if (NEEDS_USER[STATUS_TONES[status]]) {
    // A session that is retried may recover, and a tool that was never kept alive is only not signed in.
    const isMild = status === 'backoff' || (status === 'unavailable' && lastSuccessAt === undefined);
    const level = isMild ? 'warning' : 'error';
    const action = notice?.action ?? ('hint' in state && state.hint !== '' ? state.hint : undefined);
    return [{ ...about, level, title: `${displayName}: ${STATUS_LABELS[status]}`, action }];
  }
  const isOn = STATUS_TONES[status] !== 'off';
  return notice && isOn ? [{ ...about, level: 'warning', title: notice.title, action: notice.action }] : [];
}

const ofPlugin = ({ id, module, error }: Facts['plugins'][number]): Attention => ({
  id: id || module,
  kind: 'plugin',
  level: 'error',
  title: `The plugin ${module} was not loaded`,
  action: error?.message,
});

const ofKernel = ({ session, level, title, action }: Notice): Attention => ({
  id: session,
  kind: 'daemon',
  level: level === 'error' ? 'error' : 'warning',
  title,
  action,
});
