import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { describeFailure, exitCodeOfError, exitCodeOfSessions } from '../../context/exit.ts';
import { renderProgress, renderSettled } from '../../render/progress.ts';

export const refresh: Command = async context => {
  const client = await context.daemon();
  const { args, options, screen } = context;
  const ids = args.length && !options.all ? args : unpaused(await client.request('session/list'));
  const onSettled = (session: Session) => screen.line(renderSettled(session, screen.view()));
  const { sessions, errors } = await refreshAll(context, client, ids, onSettled);
  // With --json, a failure of all is reported as any other error.
  if (options.json && sessions.length === 0 && errors.length > 0) throw errors[0];
  return {
    document: sessions,
    text: () => (ids.length ? '' : 'No session to refresh.'),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOfSessions(sessions, context.now()),
  };
};

/** The ids of the sessions that are not paused. */
export const unpaused = (sessions: readonly Session[]): readonly string[] =>
  sessions.filter(({ state }) => state.name !== 'halted' || state.why !== 'paused').map(({ id }) => id);

/** Attempts all sessions at once, and shows which attempts are still running. */
export async function refreshAll(
  { options, screen, now }: CommandContext,
  client: KeepaliveClient,
  ids: readonly string[],
  onSettled: (session: Session) => void = () => undefined,
) {
  const running = new Map([...new Set(ids)].map(id => [id, now()]));
  const sessions: Session[] = [];
  const errors: unknown[] = [];
  const draw = () => screen.draw(renderProgress(running, screen.view()));
  const redraw = setInterval(draw, 200);
  draw();
  await Promise.all(
    [...running.keys()].map(async id => {
      try {
        const session = await client.request('session/refresh', { id, force: Boolean(options.force) });
        sessions.push(session);
        onSettled(session);
      } catch (error) {
        errors.push(error);
        screen.draw(undefined);
        if (!options.json || ids.length > 1) screen.note(`${id}: ${describeFailure(error, now())}`);
      } finally {
        running.delete(id);
      }
    }),
  );
  clearInterval(redraw);
  screen.draw(undefined);
  return { sessions, errors };
}
