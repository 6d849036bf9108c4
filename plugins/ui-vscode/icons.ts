import type { Instant, Session } from '../../sdk/contract/session.ts';
import { STATUS_TONES, statusOf, type StatusTone } from '../../sdk/wording/status.ts';

/** The icons of the editor, by the tone of a status. */
const ICONS: Readonly<Record<StatusTone, string>> = {
  pending: 'circle-large-outline',
  busy: 'sync~spin',
  good: 'pass',
  deferred: 'clock',
  delayed: 'clock',
  offline: 'cloud',
  off: 'debug-pause',
  trouble: 'warning',
  stopped: 'error',
  login: 'key',
};

export const ABSENT_ICON = '$(circle-slash)';
export const WARNING_ICON = '$(warning)';
export const EMPTY_ICON = '$(circle-large-outline)';

export const iconOf = (tone: StatusTone): string => `$(${ICONS[tone]})`;

export const toneOf = (session: Session, now: Instant): StatusTone => STATUS_TONES[statusOf(session, now)];
