import type { Instant, Session } from '../../sdk/contract/session.ts';
import { STATUS_LABELS, statusOf } from '../../sdk/wording/status.ts';
import { upcomingTime } from '../../sdk/wording/time.ts';

/** The status and what comes next. With times of day, which stay true while the menu is open. */
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

const LINE = 64;

/** A text as short lines of a menu, three at most. */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, LINE));
  }
  return lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]} …`] : lines;
}
