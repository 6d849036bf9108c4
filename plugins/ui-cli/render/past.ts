import type { Session } from '../../../sdk/contract/session.ts';
import { inOrder } from './overview.ts';
import { renderSessions } from './sessions.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

/** Sessions as a daemon left them, under a heading that says so. */
export function renderPast(heading: string, sessions: readonly Session[], view: View): string {
  const top = wrap(`? ${heading}`, view.width, '  ').replace('?', view.paint('yellow', '?'));
  if (sessions.length === 0) return top;
  const ordered = inOrder({ sessions, plugins: [], notices: [] }, view.now);
  return `${top}\n\n${renderSessions(ordered, view, { isPast: true })}`;
}
