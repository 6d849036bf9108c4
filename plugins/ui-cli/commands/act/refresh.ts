import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import type { RpcParams } from '../../../../sdk/contract/rpc.ts';
import type { Attempt, Session } from '../../../../sdk/contract/session.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { describeFailure, exitCodeOfError, exitCodeOfSessions } from '../../context/exit.ts';
import { targetOf } from '../../context/target.ts';
import { elsewhere } from '../../render/fleet.ts';
import { renderProgress } from '../../render/progress.ts';
import { offAdvice } from '../../render/session-card.ts';
import { wrap } from '../../render/width.ts';
import { renderSettled, type Settled } from '../../render/settled.ts';

export const refresh: Command = async context => {
  const client = await context.daemon();
  const { args, options, screen } = context;
  const known = await client.request('session/list');
  const ids = args.length && !options.all ? args : unpaused(known);
  const onSettled = (settled: Settled) => screen.line(renderSettled(settled, screen.view()));
  const { sessions, errors } = await refreshAll(context, client, { ids, known, onSettled });
  // With --json, a failure of all is reported as any other error.
  if (options.json && sessions.length === 0 && errors.length > 0) throw errors[0];
  return {
    document: sessions,
    text: ({ width }) => (ids.length ? '' : wrap(nothingToRefresh(known), width)),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOfSessions(sessions, context.now()),
  };
};

/** The ids of the sessions that are not paused. */
export const unpaused = (sessions: readonly Session[]): readonly string[] =>
  sessions.filter(({ state }) => state.name !== 'halted' || state.why !== 'paused').map(({ id }) => id);

function nothingToRefresh([first, ...others]: readonly Session[]): string {
  if (!first) return 'No session to refresh: none is kept alive yet. `keepalive add` lists what can be.';
  if (others.length === 0) return `No session to refresh: ${first.id} is paused. ${offAdvice(first) ?? ''}`.trim();
  return 'No session to refresh: every session is paused. To keep one alive again, run `keepalive resume ID`.';
}

type RefreshOptions = {
  readonly ids: readonly string[];
  /** The sessions before. */
  readonly known: readonly Session[];
  readonly onSettled?: (settled: Settled) => void;
};

/** Attempts all sessions at once, and shows which attempts are still running. */
export async function refreshAll(
  { options, screen, now }: CommandContext,
  client: KeepaliveClient,
  { ids, known, onSettled = () => undefined }: RefreshOptions,
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
        const settled = await refreshOne(client, id, {
          force: Boolean(options.force),
          before: lastAttemptOf(known, id),
        });
        sessions.push(settled.session);
        onSettled(settled);
      } catch (error) {
        errors.push(error);
        screen.draw(undefined);
        if (!options.json || ids.length > 1) screen.note(failureOf(id, describeFailure(error, now())));
      } finally {
        running.delete(id);
      }
    }),
  );
  clearInterval(redraw);
  screen.draw(undefined);
  return { sessions, errors };
}

/** A failure that names the session needs no other name before it. */
const failureOf = (id: string, text: string): string => (text.includes(`"${id}"`) ? text : `${id}: ${text}`);

const lastAttemptOf = (sessions: readonly Session[], id: string): Attempt | undefined =>
  sessions.find(session => session.id === id)?.lastAttempt;

type One = { readonly force: boolean; readonly before: Attempt | undefined };

/** Without an attempt, the daemon answers from memory, so the credential is looked at. */
async function refreshOne(client: KeepaliveClient, name: string, { force, before }: One): Promise<Settled> {
  const { machine, id } = targetOf(name);
  if (machine !== undefined) return refreshElsewhere(client, { machine, id, force });
  const session = await client.request('session/refresh', { id, force });
  const wasAttempted = isNewer(session.lastAttempt, before);
  return { wasAttempted, session: wasAttempted ? session : await client.request('session/look', { id }) };
}

/** The session has the name by which it is known here. */
async function refreshElsewhere(client: KeepaliveClient, params: RpcParams<'fleet/refresh'>): Promise<Settled> {
  const { machine, id } = params;
  const [known] = await client.request('fleet/history', { machine, id, limit: 1 });
  const session = await client.request('fleet/refresh', params);
  const wasAttempted = isNewer(session.lastAttempt, known?.attempt);
  return { wasAttempted, session: fromHere(session, machine) };
}

/** The session with the name by which it is known here. Commands in its texts are for that machine. */
function fromHere(session: Session, machine: string): Session {
  const adapt = (text: string) => elsewhere(text, { machine, accepts: ['refresh'] });
  const { id, state, lastAttempt } = session;
  const message = lastAttempt?.message;
  return {
    ...session,
    id: `${machine}/${id}`,
    state: 'hint' in state && state.hint !== undefined ? { ...state, hint: adapt(state.hint) } : state,
    ...(lastAttempt && message !== undefined && { lastAttempt: { ...lastAttempt, message: adapt(message) } }),
  };
}

const isNewer = (attempt: Attempt | undefined, before: Attempt | undefined): boolean =>
  attempt !== undefined && attempt.startedAt !== before?.startedAt;
