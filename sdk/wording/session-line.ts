import type { Instant, Session } from '../contract/session.ts';
import { STATUS_LABELS, statusOf } from './status.ts';
import { upcomingTime } from './time.ts';

/** The status and what comes next. With times of day, which stay true while a menu is open. */
export function statusLabel(session: Session, now: Instant): string {
  const { state } = session;
  const label = STATUS_LABELS[statusOf(session, now)];
  if (state.name === 'refreshing') return `${label}…`;
  if (!('wakeAt' in state) || state.wakeAt === undefined) return label;
  return `${label}, next attempt ${upcomingTime(state.wakeAt, now)}`;
}

/** The name of a session, with its id if another one has the same name. */
export function nameLabel({ id, displayName }: Session, all: readonly Session[]): string {
  return all.some(other => other.id !== id && other.displayName === displayName)
    ? `${displayName} (${id})`
    : displayName;
}
