import type { Session } from '../../../sdk/contract/session.ts';
import type { Command } from '../command.ts';
import { documentOf } from '../document.ts';
import { exitCodeOf, exitCodeOfError } from '../exit-code.ts';
import { renderOverview } from '../render/sessions.ts';
import { awake, refreshAll } from './refresh.ts';
import { overviewOf } from '../watch/watch.ts';

export const check: Command = async context => {
  const client = await context.kernel();
  const overview = await overviewOf(client);
  const ids = context.args.length ? [...new Set(context.args)] : overview.sessions.map(({ id }) => id);
  const look = () => Promise.all(ids.map(id => client.request('session/look', { id })));
  const before = await look();
  const known = new Map(overview.sessions.map(session => [session.id, session]));
  const due = before.filter(session => isDue(session, known.get(session.id), context.now()));
  const { errors } = context.options.refresh ? await refreshAll(context, client, awake(due)) : { errors: [] };
  // Report what the credential shows now, not what was remembered.
  const sessions = due.length > 0 && context.options.refresh ? await look() : before;
  const found = { ...overview, sessions, plugins: context.args.length ? [] : overview.plugins };
  return {
    document: documentOf(found),
    text: view => renderOverview(found, view),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOf(found, context.now()),
  };
};

/** Cron may ask every minute. What is halted looks for itself whether anything has changed; a credential that is another one is looked at. */
function isDue(
  { lastAttempt, nextAttemptAt, state, expiresAt }: Session,
  known: Session | undefined,
  now: number,
): boolean {
  const wakeAt = nextAttemptAt ?? ('wakeAt' in state ? state.wakeAt : undefined) ?? 0;
  return lastAttempt === undefined || wakeAt <= now || expiresAt !== known?.expiresAt;
}
