import type { Session } from '../../../../sdk/contract/session.ts';
import type { Command } from '../../context/command.ts';
import { documentOf } from './status.ts';
import { exitCodeOf, exitCodeOfError } from '../../context/exit.ts';
import { renderOverview } from '../../render/overview.ts';
import { refreshAll, unpaused } from '../act/refresh.ts';
import { overviewOf } from '../../watch/load-overview.ts';

export const check: Command = async context => {
  const client = await context.kernel();
  const overview = await overviewOf(client);
  const ids = context.args.length ? [...new Set(context.args)] : overview.sessions.map(({ id }) => id);
  const inspectAll = () => Promise.all(ids.map(id => client.request('session/look', { id })));
  const before = await inspectAll();
  const known = new Map(overview.sessions.map(session => [session.id, session]));
  const due = before.filter(session => isDue(session, known.get(session.id), context.now()));
  const { errors } = context.options.refresh
    ? await refreshAll(context, client, { ids: unpaused(due), known: before })
    : { errors: [] };
  // Report the credentials as they are now, not the remembered states.
  const sessions = due.length > 0 && context.options.refresh ? await inspectAll() : before;
  const isAbout = (id: string) => ids.includes(id);
  const found = {
    ...overview,
    sessions,
    plugins: context.args.length ? [] : overview.plugins,
    notices: overview.notices.filter(({ session }) => context.args.length === 0 || isAbout(session)),
    // A kernel for this command alone has no address, and ends with it.
    daemon: client.origin === undefined ? undefined : overview.daemon,
  };
  return {
    document: documentOf(found),
    text: view => renderOverview(found, view),
    exitCode: errors.length ? exitCodeOfError(errors[0]) : exitCodeOf(found, context.now()),
  };
};

/** Cron may run `check` every minute, so only due sessions and changed credentials are attempted. */
function isDue(
  { lastAttempt, nextAttemptAt, state, expiresAt }: Session,
  known: Session | undefined,
  now: number,
): boolean {
  const wakeAt = nextAttemptAt ?? ('wakeAt' in state ? state.wakeAt : undefined) ?? 0;
  return lastAttempt === undefined || wakeAt <= now || expiresAt !== known?.expiresAt;
}
