import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { documentOf } from './status.ts';
import { EXIT, exitCodeOf, exitCodeOfError } from '../../context/exit.ts';
import { describeRefusal, exitCodeOfRefusals, refusalsOf } from '../../gate/refusal.ts';
import { renewFirst } from '../../gate/renew-first.ts';
import { renderOverview } from '../../render/overview.ts';
import { refreshAll, unpaused } from '../act/refresh.ts';
import { overviewOf } from '../../watch/load-overview.ts';

export const check: Command = async context => {
  const { args, options, now } = context;
  const { min } = options;
  const client = await context.kernel({ looksOnly: !options.refresh });
  const overview = await overviewOf(client);
  const isOwn = client.origin === undefined;
  const ids = args.length ? [...new Set(args)] : overview.sessions.map(({ id }) => id);
  const { sessions, errors } =
    min === undefined
      ? await looked(context, client, { ids, known: overview.sessions })
      : { sessions: await renewFirst(context, client, ids, { min, wait: options.wait }), errors: [] };
  const isAbout = (id: string) => ids.includes(id);
  // Report the credentials as they are now, not the remembered states.
  const found = {
    ...overview,
    sessions,
    plugins: args.length ? [] : overview.plugins,
    notices: overview.notices.filter(({ session }) => args.length === 0 || isAbout(session)),
    // A kernel for this command alone has no address, and ends with it.
    daemon: isOwn ? undefined : overview.daemon,
  };
  const refusals = min === undefined ? [] : refusalsOf(sessions, min, now());
  for (const refusal of refusals) context.screen.note(describeRefusal(refusal, min ?? 0, now()));
  const code = exitCodeOfRefusals(refusals, now());
  return {
    document: documentOf(found),
    text: view => renderOverview(found, view),
    exitCode: errors.length
      ? exitCodeOfError(errors[0])
      : code === EXIT.login
        ? code
        : exitCodeOf(found, now()) || code,
  };
};

type Known = { readonly ids: readonly string[]; readonly known: readonly Session[] };

/** The sessions after a look at each credential and, with --refresh, one attempt where due. */
async function looked(context: CommandContext, client: KeepaliveClient, { ids, known }: Known) {
  const inspectAll = () => Promise.all(ids.map(id => client.request('session/look', { id })));
  const before = await inspectAll();
  const byId = new Map(known.map(session => [session.id, session]));
  const due = before.filter(session => isDue(session, byId.get(session.id), context.now()));
  if (!context.options.refresh || due.length === 0) return { sessions: before, errors: [] };
  const { errors } = await refreshAll(context, client, { ids: unpaused(due), known: before });
  return { sessions: await inspectAll(), errors };
}

/** Cron may run `check` every minute, so only due sessions and changed credentials are attempted. */
function isDue(
  { lastAttempt, nextAttemptAt, state, expiresAt }: Session,
  known: Session | undefined,
  now: number,
): boolean {
  const wakeAt = nextAttemptAt ?? ('wakeAt' in state ? state.wakeAt : undefined) ?? 0;
  return lastAttempt === undefined || wakeAt <= now || expiresAt !== known?.expiresAt;
}
