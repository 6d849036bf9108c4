import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Instant, Notice, Session } from '../../../sdk/contract/session.ts';
import { isOfKernel } from '../../../sdk/wording/attention.ts';
import { relative } from '../../../sdk/wording/time.ts';
import { describeNotice } from './sentences.ts';
import { adviceOn, appearanceOf, statusCell } from './status.ts';
import { renderTable, type Cell, type Column } from './table.ts';
import type { Style, View } from './view.ts';
import { oneLine, wrap } from './width.ts';

/** What `status` shows. */
export type Overview = {
  readonly sessions: readonly Session[];
  readonly plugins: readonly PluginInfo[];
  readonly notices: readonly Notice[];
};

const columnsFor = (sessions: readonly Session[]): readonly Column[] => [
  { title: 'ID', rank: 0, min: 16 },
  // Two sessions of one provider are told apart by it.
  { title: 'ACCOUNT', rank: hasTwins(sessions) ? 2 : 8 },
  { title: 'STATE', rank: 1 },
  { title: 'LAST SUCCESS', rank: 4 },
  { title: 'NEXT', rank: 2 },
  { title: 'EXPIRES', rank: 3 },
  { title: 'LOGIN ENDS', rank: 5 },
  { title: 'METHOD', rank: 7 },
  { title: 'WHY', rank: 6, min: 16 },
];

/** All sessions in a table, and beneath it what needs the user. */
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

const NOTHING_KEPT = 'No session is kept alive yet.';

const hasTwins = (sessions: readonly Session[]): boolean =>
  sessions.some((one, index) => sessions.findIndex(({ provider }) => provider === one.provider) !== index);

export function renderSessions(sessions: readonly Session[], view: View): string {
  return renderTable(
    columnsFor(sessions),
    sessions.map(session => sessionRow(session, view.now)),
    view,
  );
}

function sessionRow(session: Session, now: Instant): readonly Cell[] {
  const when = (at: number | undefined): Cell => ({ text: at === undefined ? '' : relative(at, now) });
  const urgent = (at: number | undefined, within: number): Cell =>
    at !== undefined && at - now < within ? { ...when(at), style: 'yellow' } : when(at);
  return [
    { text: session.id, style: 'bold' },
    { text: session.account ?? '' },
    statusCell(session, now),
    when(session.lastSuccessAt),
    when(session.nextAttemptAt),
    urgent(session.expiresAt, 0),
    urgent(session.loginExpiresAt, 7 * 86_400_000),
    { text: session.method },
    { text: session.nextAttemptAt === undefined ? '' : (session.nextAttemptWhy ?? ''), style: 'dim' },
  ];
}

function sessionRemark(session: Session, view: View): readonly string[] {
  const advice = adviceOn(session, view.now);
  const { symbol, style } = appearanceOf(session, view.now);
  return advice ? [remark(symbol, style, `${session.id}: ${advice}`, view)] : [];
}

const noticeRemark = (notice: Notice, view: View): string =>
  remark('▲', 'yellow', `${notice.session}: ${describeNotice(notice)}`, view);

function pluginRemark({ id, module, status, error }: PluginInfo, view: View): string {
  const name = `The plugin ${id || module}`;
  return status === 'loading'
    ? remark('▲', 'yellow', `${name} is still loading.`, view)
    : remark('✗', 'red', `${name} was not loaded: ${oneLine(error?.message ?? 'unknown cause')}`, view);
}

function remark(symbol: string, style: Style | undefined, text: string, { paint, width }: View): string {
  return wrap(`${symbol} ${text}`, width, '  ').replace(symbol, style ? paint(style, symbol) : symbol);
}
