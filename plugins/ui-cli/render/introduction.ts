import type { KernelInfo, NotifierInfo, Tool } from '../../../sdk/contract/rpc.ts';
import { describeNotifiers } from '../../../sdk/wording/notifiers.ts';
import { renderRemarks } from './remarks.ts';
import { digestOf } from './board.ts';
import type { ShownOverview } from './digest.ts';
import { daemonRemarks, renderHeadline } from './overview.ts';
import { renderTools } from './tools.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

/** The practice session stands for no tool. */
export const PRACTICE = 'practice';

export type Introduction = {
  readonly overview: ShownOverview;
  readonly daemon: KernelInfo;
  /** What can be kept alive here. */
  readonly tools: readonly Tool[];
  /** Undefined if the daemon cannot say. */
  readonly notifiers: readonly NotifierInfo[] | undefined;
  /** How the daemon came to run. */
  readonly runs: 'started' | 'already' | 'here';
};

/** What a daemon keeps alive, by which configuration, and where its notices go. */
export function renderIntroduction(introduction: Introduction, view: View): string {
  const { overview, tools } = introduction;
  const digest = digestOf(overview, view.now);
  const hasSessions = overview.sessions.some(({ provider }) => provider !== PRACTICE);
  const parts = [
    [...renderHeadline(digest, view), describeDaemon(introduction, view)],
    [renderTools(tools, 'short', view, { hasSessions })].filter(text => text !== ''),
    [...renderRemarks(digest.remarks, view), ...daemonRemarks(digest, view)],
  ];
  return parts
    .filter(part => part.length > 0)
    .map(part => part.join('\n'))
    .join('\n\n');
}

/** What the live view below does not show: the daemon, and what can be kept alive here but is not. */
export function renderAboveLive(introduction: Introduction, view: View): string {
  const { tools } = introduction;
  const isAllKept = tools.some(({ status }) => status === 'kept') && tools.every(isKeptOrMissing);
  const checklist = isAllKept ? '' : renderTools(tools, 'short', view);
  return [describeDaemon(introduction, view), ...(checklist ? ['', checklist] : [])].join('\n');
}

const isKeptOrMissing = ({ status }: Tool): boolean => status === 'kept' || status === 'missing';

const RUNS: Readonly<Record<Introduction['runs'], string>> = {
  started: 'Keepalive is running in the background',
  already: 'Keepalive is already running',
  here: 'Keepalive is running here',
};

/** The same in sentences, without the sessions. */
function describeDaemon({ daemon, notifiers, runs }: Introduction, { width }: View): string {
  const { pid, configFile } = daemon;
  const sentences = [
    `${RUNS[runs]} (process ${pid}).`,
    configFile === null
      ? 'There is no configuration file, so every tool found here is kept alive.'
      : `The configuration is ${configFile}.`,
    ...(notifiers ? [describeNotifiers(notifiers)] : []),
  ];
  return wrap(sentences.join(' '), width);
}
