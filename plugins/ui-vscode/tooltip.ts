import type { Instant, Session } from '../../sdk/contract/session.ts';
import { urgentFirst, type Attention } from '../../sdk/wording/attention.ts';
import { describeEnds, EXPIRY_UNKNOWN } from '../../sdk/wording/expiry.ts';
import { headlineOf } from '../../sdk/wording/headline.ts';
import { counted, sentence } from '../../sdk/wording/sentence.ts';
import { nameLabel } from '../../sdk/wording/session-line.ts';
import { STATUS_LABELS, statusOf } from '../../sdk/wording/status.ts';
import { calendarTime, upcomingTime } from '../../sdk/wording/time.ts';
import { asMarkdown, asMarkdownWithCode } from './foreign-text.ts';
import { iconOf, toneOf, WARNING_ICON } from './icons.ts';
import type { Kernel } from './model.ts';

/** A tooltip has no scroll bar. */
const MAX_ROWS = 20;
const MAX_NEEDS = 5;

/** Without a daemon. */
export const absentTooltip = (title: string, reason: string | undefined): string =>
  [`**${title}**`, asMarkdown(reason ?? 'No session is kept alive. Click to start Keepalive.')].join('\n\n');

type Known = Pick<Extract<Kernel, { readonly is: 'there' }>, 'overview' | 'elsewhere'>;

/** What needs the user, here and on other machines, and all sessions. With times of day, which stay true meanwhile. */
export function overviewTooltip({ overview, elsewhere }: Known, attention: readonly Attention[], now: Instant): string {
  const { machines = [] } = elsewhere ?? {};
  const rest = machines.length - MAX_NEEDS;
  return [
    `**Keepalive** · ${asMarkdown(headlineOf(overview, now))}`,
    ...[...attention.slice(0, MAX_NEEDS), ...machines.slice(0, MAX_NEEDS)].map(needLine),
    ...(rest > 0 ? [`and ${counted(rest, 'more machine')}`] : []),
    ...table(urgentFirst(overview.sessions, attention), now),
  ].join('\n\n');
}

const needLine = ({ title, action = '' }: Pick<Attention, 'title' | 'action'>): string =>
  `${WARNING_ICON} ${asMarkdown(sentence(title))} ${asMarkdownWithCode(action)}`.trim();

function table(sessions: readonly Session[], now: Instant): readonly string[] {
  if (sessions.length === 0) return [];
  const rows = sessions.slice(0, MAX_ROWS).map(session => row(session, sessions, now));
  const rest = sessions.length - rows.length;
  return [
    ['| | session | state | credential | next attempt |', '|---|---|---|---|---|', ...rows].join('\n'),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
}

const row = (session: Session, all: readonly Session[], now: Instant): string =>
  `| ${[
    iconOf(toneOf(session, now)),
    ...[nameLabel(session, all), STATUS_LABELS[statusOf(session, now)], endsOf(session, now), nextOf(session, now)].map(
      asMarkdown,
    ),
  ].join(' | ')} |`;

function endsOf(session: Session, now: Instant): string {
  const ends = describeEnds(session, now, calendarTime);
  // A session that is paused or needs a login has no use for this remark.
  return ends.length > 0 || session.state.name === 'halted' ? ends.join(', ') : EXPIRY_UNKNOWN;
}

function nextOf({ nextAttemptAt, nextAttemptWhy = '' }: Session, now: Instant): string {
  if (nextAttemptAt === undefined) return '';
  return [upcomingTime(nextAttemptAt, now), nextAttemptWhy].filter(Boolean).join(', ');
}
