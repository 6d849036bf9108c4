import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOfError, exitCodeOfSessions } from '../exit-code.ts';
import { describeFailure } from '../failure.ts';
import { renderProgress, renderSettled } from '../render/progress.ts';

export const refresh: Command = async context => {
  const client = await context.daemon();
  const { args, options, screen } = context;
  const ids = args.length && !options.all ? args : awake(await client.request('session/list'));
  const tell = (session: Session) => screen.line(renderSettled(session, screen.view()));
  const { sessions, errors } = await refreshAll(context, client, ids, tell);
  return {
    document: sessions,
    text: () => (ids.length ? '' : 'There is no session to refresh.'),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOfSessions(sessions, context.now()),
  };
};

/** The ids of those that are not paused. */
export const awake = (sessions: readonly Session[]): readonly string[] =>
  sessions.filter(({ state }) => state.name !== 'halted' || state.why !== 'paused').map(({ id }) => id);

/** Attempts all of them at once; a person sees what is under way. */
export async function refreshAll(
  { options, screen, now }: CommandContext,
  client: KeepaliveClient,
  ids: readonly string[],
  settled: (session: Session) => void = () => undefined,
) {
  const underWay = new Map([...new Set(ids)].map(id => [id, now()]));
  const sessions: Session[] = [];
  const errors: unknown[] = [];
  const draw = () => screen.draw(renderProgress(underWay, screen.view()));
  const redraw = setInterval(draw, 200);
  draw();
  await Promise.all(
    [...underWay.keys()].map(async id => {
      try {
        const session = await client.request('session/refresh', { id, force: Boolean(options.force) });
        sessions.push(session);
        settled(session);
      } catch (error) {
        errors.push(error);
        screen.draw(undefined);
        screen.note(`${id}: ${describeFailure(error, now())}`);
      } finally {
        underWay.delete(id);
      }
    }),
  );
  clearInterval(redraw);
  screen.draw(undefined);
  return { sessions, errors };
}
