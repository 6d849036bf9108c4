import { DEFAULT_POLICY } from '../../../../sdk/contract/policy.ts';
import type { PluginInfo } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { exitCodeOf, exitCodeOfSessions } from '../../context/exit.ts';
import { renderSession } from '../../render/session-card.ts';
import { renderOverview, renderSessions, type Overview } from '../../render/sessions.ts';
import { renderTools, toolsOf } from '../../render/tools.ts';
import { UsageError } from '../../context/options.ts';
import { overviewOf, watch } from '../../watch/watch.ts';

export const status: Command = async context => {
  const {
    args: [id],
    options,
  } = context;
  if (options.watch) return watchSessions(context);
  const client = await context.daemon();
  if (id !== undefined) {
    const session = await client.request('session/get', { id });
    return {
      document: session,
      text: view => renderSession(session, view),
      exitCode: exitCodeOfSessions([session], context.now()),
    };
  }
  const overview = await overviewOf(client);
  // Without a session, the user wants to know what could be kept alive.
  const tools = overview.sessions.length === 0 ? await toolsOf(client) : [];
  return {
    document: documentOf(overview),
    text: view =>
      [renderOverview(overview, view), renderTools(tools, 'full', view)].filter(text => text !== '').join('\n\n'),
    exitCode: exitCodeOf(overview, context.now()),
  };
};

async function watchSessions({
  args: [id],
  options,
  screen,
  daemon,
  interrupted,
  now,
}: CommandContext): Promise<CommandResult> {
  if (options.json) throw new UsageError('--watch never ends, and --json prints one document. Use only one of them.');
  const client = await daemon({ reconnect: true });
  const ids = id === undefined ? undefined : [id];
  const sessions = await watch(client, screen, { ids, heading: 'Ctrl-C ends this view.', until: interrupted() });
  return {
    document: sessions,
    text: view => renderSessions(sessions, view),
    exitCode: exitCodeOfSessions(sessions, now()),
  };
}

/** The sessions as a JSON document. A plugin that did not load is listed as a halted session. */
export const documentOf = ({ sessions, plugins }: Pick<Overview, 'sessions' | 'plugins'>): readonly Session[] => [
  ...sessions,
  ...plugins.filter(({ status }) => status === 'failed').map(haltedBy),
];

const haltedBy = ({ id, module, error }: PluginInfo): Session => ({
  id: id || module,
  displayName: module,
  provider: module,
  method: 'auto',
  policy: DEFAULT_POLICY,
  state: {
    name: 'halted',
    why: 'unavailable',
    failures: 0,
    hint: `The plugin ${module} was not loaded: ${error?.message ?? 'unknown cause'}`,
  },
});
