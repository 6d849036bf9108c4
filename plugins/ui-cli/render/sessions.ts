import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import { isExpired, isFailing, isOfKernel, type Notice, type Session } from '../../../sdk/contract/session.ts';
import { describeNotice } from './notice.ts';
import { sessionCell, whatToDo } from './state.ts';
import { renderTable, type Cell, type Column } from './table.ts';
import { relative } from './time.ts';
import type { View } from './view.ts';
import { oneLine, wrap } from './width.ts';

/** What `status` knows. */
export type Overview = {
  readonly sessions: readonly Session[];
  readonly plugins: readonly PluginInfo[];
  readonly notices: readonly Notice[];
};

const COLUMNS: readonly Column[] = [
  { title: 'ID', rank: 0, min: 16 },
  { title: 'STATE', rank: 1 },
  { title: 'REFRESHED', rank: 4 },
  { title: 'NEXT', rank: 2 },
  { title: 'EXPIRES', rank: 3 },
  { title: 'LOGIN ENDS', rank: 5 },
  { title: 'METHOD', rank: 7 },
  { title: 'WHY THEN', rank: 6, min: 16 },
];

/** All sessions in a table, and beneath it whatever needs a person. */
export function renderOverview({ sessions, plugins, notices }: Overview, view: View): string {
  const remarks = [
    ...sessions.flatMap(session => sessionRemark(session, view)),
    ...notices
      .filter(notice => notice.code === 'login-ends-soon' || isOfKernel(notice))
      .map(notice => noticeRemark(notice, view)),
    ...plugins.filter(({ status }) => status !== 'loaded').map(plugin => pluginRemark(plugin, view)),
  ];
  return [
    sessions.length ? renderSessions(sessions, view) : wrap(NOTHING_KEPT, view.width),
    ...(remarks.length ? ['', ...remarks] : []),
  ].join('\n');
}

const NOTHING_KEPT =
  'No session is kept alive yet. `keepalive doctor` says which tools it looks for and what it found.';

export function renderSessions(sessions: readonly Session[], view: View): string {
  return renderTable(
    COLUMNS,
    sessions.map(session => sessionRow(session, view.now)),
    view,
  );
}

function sessionRow(session: Session, now: number): readonly Cell[] {
  const when = (at: number | undefined): Cell => ({ text: at === undefined ? '' : relative(at, now) });
  const urgent = (at: number | undefined, within: number): Cell =>
    at !== undefined && at - now < within ? { ...when(at), style: 'yellow' } : when(at);
  return [
    { text: session.id, style: 'bold' },
    sessionCell(session, now),
    when(session.lastSuccessAt),
    when(session.nextAttemptAt),
    urgent(session.expiresAt, 0),
    urgent(session.loginExpiresAt, 7 * 86_400_000),
    { text: session.method },
    { text: session.nextAttemptAt === undefined ? '' : (session.nextAttemptWhy ?? ''), style: 'dim' },
  ];
}

function sessionRemark(session: Session, view: View): readonly string[] {
  const advice = whatToDo(session, view.now);
  return advice ? [remark(symbolOf(session, view.now), session.id, advice, view)] : [];
}

function symbolOf(session: Session, now: number): keyof typeof COLOURS {
  const { state } = session;
  if (state.name === 'waiting' && (state.why === 'deferred' || (state.why === 'offline' && !isExpired(session, now))))
    return '◌';
  return isFailing(session) && session.state.name === 'halted' ? '✗' : '▲';
}

const noticeRemark = (notice: Notice, view: View): string => remark('▲', notice.session, describeNotice(notice), view);

const pluginRemark = ({ id, module, status, error }: PluginInfo, view: View): string =>
  status === 'loading'
    ? remark('▲', `plugin ${id || module}`, 'is still loading.', view)
    : remark('✗', `plugin ${id || module}`, `was not loaded: ${oneLine(error?.message ?? 'unknown cause')}`, view);

const COLOURS = { '✗': 'red', '▲': 'yellow', '◌': 'cyan' } as const;

const remark = (symbol: keyof typeof COLOURS, subject: string, text: string, { paint, width }: View): string =>
  wrap(`${symbol} ${subject}: ${text}`, width, '  ').replace(symbol, paint(COLOURS[symbol], symbol));
