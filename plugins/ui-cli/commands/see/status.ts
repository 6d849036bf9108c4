import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { DEFAULT_POLICY } from '../../../../sdk/contract/policy.ts';
import type { PluginInfo } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import type { Overview } from '../../../../sdk/wording/attention.ts';
import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { exitCodeOf, exitCodeOfSessions } from '../../context/exit.ts';
import { UsageError } from '../../context/options.ts';
import { renderOverview } from '../../render/overview.ts';
import { renderSession } from '../../render/session-card.ts';
import { renderSessions } from '../../render/sessions.ts';
import { overviewOf } from '../../watch/load-overview.ts';
import { follow } from '../../watch/records.ts';
import { watch } from '../../watch/watch.ts';
import { lastKnown } from './last-known.ts';

export const status: Command = async context => {
  const { args, options, daemon, now } = context;
  const [id] = args;
  if (options.fleet && options.watch) throw new UsageError('--fleet and --watch do not go together. Use only one.');
  if (options.fleet) return (await import('./fleet.ts')).fleet(context);
  if (options.watch) return options.json ? recordSessions(context) : watchSessions(context);
  let client: KeepaliveClient;
  try {
    client = await daemon();
  } catch (error) {
    return lastKnown(context, error);
  }
  if (id !== undefined) return oneSession(client, id, now());
  const overview = await overviewOf(client);
  // Most daemons were started by the service, and this command runs often.
  if (overview.daemon?.byService === false)
    await (await import('../../service/beside.ts')).noteBeside(context, overview.daemon);
  return {
    document: documentOf(overview),
    text: view => renderOverview(overview, view),
    exitCode: exitCodeOf(overview, now()),
  };
};

async function oneSession(client: KeepaliveClient, id: string, now: number): Promise<CommandResult> {
  const session = await client.request('session/get', { id });
  const place = await placeOf(client, id);
  return {
    document: session,
    text: view => renderSession(session, view, { place }),
    exitCode: exitCodeOfSessions([session], now),
  };
}

/** Where the credential is, if one tool has one session. An older daemon does not know the tools. */
async function placeOf(client: KeepaliveClient, id: string): Promise<string | undefined> {
  const tools = await client.request('tool/list').catch(() => []);
  const tool = tools.find(({ sessions }) => sessions.length === 1 && sessions[0] === id);
  return tool?.places[0];
}

async function watchSessions({
  args: [id],
  screen,
  daemon,
  interrupted,
  now,
  keyboard,
}: CommandContext): Promise<CommandResult> {
  const client = await daemon({ reconnect: true });
  const ids = id === undefined ? undefined : [id];
  const ended = new AbortController();
  const quit = { about: 'leave; keepalive goes on', now: () => ended.abort() };
  const until = AbortSignal.any([interrupted(), ended.signal]);
  const sessions = await watch(client, screen, { ids, keyboard, quit, until });
  return {
    document: sessions,
    text: view => renderSessions(sessions, view),
    exitCode: exitCodeOfSessions(sessions, now()),
  };
}

/** Prints what `status --json` prints as a line, and again whenever it has changed. */
async function recordSessions({
  args: [id],
  screen,
  daemon,
  interrupted,
  now,
}: CommandContext): Promise<CommandResult> {
  const client = await daemon({ reconnect: true });
  // Rejects if there is no such session.
  if (id !== undefined) await client.request('session/get', { id });
  let last = '';
  const board = await follow(client, {
    ids: id === undefined ? undefined : [id],
    until: interrupted(),
    onLost: () => screen.note('The daemon has gone. Its sessions are shown again when it is back.'),
    show: shown => {
      const document = id === undefined ? documentOf(shown) : shown.sessions[0];
      const text = JSON.stringify(document);
      if (document !== undefined && text !== last) screen.record(document);
      last = text;
    },
  });
  return { document: undefined, text: () => '', exitCode: exitCodeOfSessions(board.sessions, now()) };
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
