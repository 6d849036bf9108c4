import type { KernelInfo, Tool } from '../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { attentionOf, type Overview } from '../../../sdk/wording/attention.ts';
import { headlineOf } from '../../../sdk/wording/headline.ts';
import { STATUS_TONES, statusOf } from '../../../sdk/wording/status.ts';
import { renderRemarks } from './remarks.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { describeVersionSkew } from '../../../sdk/wording/version-skew.ts';
import { VERSION } from './sentences.ts';
import { renderSessions } from './sessions.ts';
import { renderTools } from './tools.ts';
import type { Style, View } from './view.ts';
import { wrap } from './width.ts';

/** What `status` shows. */
export type ShownOverview = Overview & {
  /** The running daemon. Without one, nothing is promised for later. */
  readonly daemon?: KernelInfo | undefined;
  /** The known tools, if no session is kept. */
  readonly tools?: readonly Tool[] | undefined;
};

/** The headline, all sessions in a table, and beneath it what needs the user. */
export function renderOverview(shown: ShownOverview, view: View, selected?: string): string {
  const parts = [
    renderHeadline(shown, view),
    renderKept(shown, view, selected),
    [...renderRemarks(shown, view), ...daemonRemarks(shown, view)],
  ];
  return parts
    .filter(part => part.length > 0)
    .map(part => part.join('\n'))
    .join('\n\n');
}

/** The sessions; without any, the tools that could be kept alive. */
export function renderKept(shown: ShownOverview, view: View, selected?: string): readonly string[] {
  const { sessions, tools = [] } = shown;
  if (sessions.length > 0) return [renderSessions(inOrder(shown, view.now), view, { selected })];
  return [
    tools.length > 0
      ? renderTools(tools, 'full', view, { isRunning: shown.daemon !== undefined })
      : wrap(WITHOUT_TOOLS, view.width),
  ];
}

const WITHOUT_TOOLS = '`keepalive doctor` shows what was found on this machine.';

/** Without a daemon, only what is wrong now is certain. */
export function renderHeadline(shown: ShownOverview, view: View): readonly string[] {
  const [worst] = attentionOf(shown, view.now);
  if (!worst && !shown.daemon && shown.sessions.length > 0) return [];
  const [symbol, style] = lookOf(worst?.level, shown.sessions, view.now);
  const text = wrap(`${symbol} ${headlineOf(shown, view.now)}`, view.width, '  ');
  return [text.replace(symbol, style ? view.paint(style, symbol) : symbol)];
}

function lookOf(
  level: 'error' | 'warning' | undefined,
  sessions: readonly Session[],
  now: Instant,
): readonly [symbol: string, style?: Style] {
  if (level === 'error') return ['✗', 'red'];
  if (level === 'warning') return ['▲', 'yellow'];
  if (sessions.length === 0) return ['○'];
  return sessions.some(session => STATUS_TONES[statusOf(session, now)] !== 'off') ? ['●', 'green'] : ['‖', 'dim'];
}

/** What needs the user first, the worst on top; the rest in the order of the configuration. */
export function inOrder(overview: Overview, now: Instant): readonly Session[] {
  const ids = attentionOf(overview, now).flatMap(({ kind, id }) => (kind === 'session' ? [id] : []));
  const rank = ({ id }: Session) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
  return overview.sessions.toSorted((a, b) => rank(a) - rank(b));
}

/** What concerns the daemon itself and is no notice. */
export function daemonRemarks({ daemon, notices }: ShownOverview, { width, paint }: View): readonly string[] {
  if (!daemon) return [];
  const { configProblem } = daemon;
  const skew = describeVersionSkew(daemon, VERSION);
  const isNoticed = notices.some(({ code }) => code === 'config-refused');
  const lines = [
    ...(configProblem !== undefined && !isNoticed
      ? [`The changed configuration is not in force: ${sentence(configProblem)}`]
      : []),
    ...(skew === undefined ? [] : [skew]),
  ];
  return lines.map(line => wrap(`▲ ${line}`, width, '  ').replace('▲', paint('yellow', '▲')));
}

/** Sessions as a daemon left them, under a heading that says so. */
export function renderPast(heading: string, sessions: readonly Session[], view: View): string {
  const top = wrap(`? ${heading}`, view.width, '  ').replace('?', view.paint('yellow', '?'));
  if (sessions.length === 0) return top;
  const ordered = inOrder({ sessions, plugins: [], notices: [] }, view.now);
  return `${top}\n\n${renderSessions(ordered, view, { isPast: true })}`;
}
