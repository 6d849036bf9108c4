import type { Session } from '../../../sdk/session.ts';
import type { Command } from '../command.ts';
import { exitCodeOfError, exitCodeOfSessions } from '../exit-code.ts';
import { renderOverview } from '../render/sessions.ts';
import { awake, refreshAll } from './refresh.ts';
import { overviewOf } from '../watch/watch.ts';

export const check: Command = async context => {
  const client = await context.kernel();
  const overview = await overviewOf(client);
  const ids = context.args.length ? [...new Set(context.args)] : overview.sessions.map(({ id }) => id);
  const looked = await Promise.all(ids.map(id => client.request('session/look', { id })));
  const known = new Map(overview.sessions.map(session => [session.id, session]));
  const due = looked.filter(session => isDue(session, known.get(session.id), context.now()));
  const { errors } = context.options.refresh ? await refreshAll(context, client, awake(due)) : { errors: [] };
  const sessions = context.options.refresh ? await Promise.all(ids.map(id => client.request('session/get', { id }))) : looked;
  return {
    document: sessions,
    text: view => renderOverview({ ...overview, sessions }, view),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOfSessions(sessions),
  };
};

/** Cron may ask every minute. What is halted looks for itself whether anything has changed; a credential that is another one is looked at. */
const isDue = ({ lastAttempt, nextAttemptAt = 0, expiresAt }: Session, known: Session | undefined, now: number): boolean =>
  lastAttempt === undefined || nextAttemptAt <= now || expiresAt !== known?.expiresAt;
