import type { Answer, Command, CommandContext } from '../../context/command.ts';
import { documentOf } from './document.ts';
import { exitCodeOf, exitCodeOfSessions } from '../../context/exit-code.ts';
import { renderSession } from '../../render/session-card.ts';
import { renderOverview, renderSessions } from '../../render/sessions.ts';
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
  return {
    document: documentOf(overview),
    text: view => renderOverview(overview, view),
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
}: CommandContext): Promise<Answer> {
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
