import type { Session } from '../../../sdk/contract/session.ts';
import { sentence } from '../../../sdk/wording/sentence.ts';
import { describeVersionSkew } from '../../../sdk/wording/version-skew.ts';
import { digestOf } from './board.ts';
import type { Beside, Digest, ShownOverview } from './digest.ts';
import { renderRemarks } from './remarks.ts';
import { VERSION } from './sentences.ts';
import { renderSessions } from './sessions.ts';
import { renderTools } from './tools.ts';
import type { Style, View } from './view.ts';
import { wrap } from './width.ts';

/** The headline, all sessions in a table, and beneath it what needs the user. */
export function renderOverview(shown: ShownOverview, view: View): string {
  const digest = digestOf(shown, view.now);
  const sessions = digest.entries.map(({ session }) => session);
  const kept = sessions.length > 0 ? renderSessions(sessions, view) : renderWithout(digest, view);
  const parts = [
    renderHeadline(digest, view),
    [kept],
    [...renderRemarks(digest.remarks, view), ...daemonRemarks(digest, view)],
  ];
  return parts
    .filter(part => part.length > 0)
    .map(part => part.join('\n'))
    .join('\n\n');
}

/** Without a session: the tools that could be kept alive. */
export const renderWithout = ({ tools = [], daemon }: Beside, view: View): string =>
  tools.length > 0
    ? renderTools(tools, 'full', view, { isRunning: daemon !== undefined })
    : wrap(WITHOUT_TOOLS, view.width);

const WITHOUT_TOOLS = '`keepalive doctor` shows what was found on this machine.';

/** Without a daemon, only what is wrong now is certain. */
export function renderHeadline(digest: Digest, view: View): readonly string[] {
  const { attention, daemon, entries, headline } = digest;
  if (attention.length === 0 && !daemon && entries.length > 0) return [];
  const [symbol, style] = lookOf(digest);
  const text = wrap(`${symbol} ${headline}`, view.width, '  ');
  return [text.replace(symbol, style ? view.paint(style, symbol) : symbol)];
}

function lookOf({ attention: [worst], entries, isOff }: Digest): readonly [symbol: string, style?: Style] {
  if (worst?.level === 'error') return ['✗', 'red'];
  if (worst?.level === 'warning') return ['▲', 'yellow'];
  if (entries.length === 0) return ['○'];
  return isOff ? ['‖', 'dim'] : ['●', 'green'];
}

/** What concerns the daemon itself and is no notice. */
export function daemonRemarks({ daemon, notices }: Beside, view: View): readonly string[] {
  if (!daemon) return [];
  const { configProblem } = daemon;
  const skew = describeVersionSkew(daemon, VERSION);
  const isNoticed = notices.some(({ code }) => code === 'config-refused');
  const lines = [
    ...(configProblem !== undefined && !isNoticed ? [refusedText(configProblem)] : []),
    ...(skew === undefined ? [] : [skew]),
  ];
  return lines.map(line => renderRemark(line, view));
}

/** Why a changed configuration file is not in force. */
export const refusedText = (problem: string): string =>
  `The changed configuration is not in force: ${sentence(problem)}`;

export const renderRemark = (text: string, { width, paint }: Pick<View, 'width' | 'paint'>): string =>
  wrap(`▲ ${text}`, width, '  ').replace('▲', paint('yellow', '▲'));

/** Sessions as a daemon left them, under a heading that says so. */
export function renderPast(heading: string, sessions: readonly Session[], view: View): string {
  const top = wrap(`? ${heading}`, view.width, '  ').replace('?', view.paint('yellow', '?'));
  if (sessions.length === 0) return top;
  const { entries } = digestOf({ sessions, plugins: [], notices: [] }, view.now);
  const ordered = entries.map(({ session }) => session);
  return `${top}\n\n${renderSessions(ordered, view, { isPast: true })}`;
}
