import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { deadlinesOf } from '../../../../sdk/wording/deadlines.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';
import { renderDeadlines } from '../../render/deadlines.ts';

export const deadlines: Command = async context => {
  const { options, now } = context;
  if (options.ics && options.json) throw new UsageError('--ics and --json are two formats. Use only one of them.');
  const client = await context.kernel({ looksOnly: true });
  const found = deadlinesOf(await sessionsOf(client));
  return {
    document: found,
    text: view => renderDeadlines(found, view),
    ...(options.ics && { raw: await calendarOf(found, context, now()) }),
  };
};

/** A kernel for this command alone has not looked at the credentials yet. */
async function sessionsOf(client: KeepaliveClient): Promise<readonly Session[]> {
  const sessions = await client.request('session/list');
  if (client.origin !== undefined) return sessions;
  return Promise.all(sessions.map(({ id }) => client.request('session/look', { id })));
}

async function calendarOf(
  found: ReturnType<typeof deadlinesOf>,
  { home }: Pick<CommandContext, 'home'>,
  now: number,
): Promise<string> {
  const { renderCalendar } = await import('../../render/calendar.ts');
  // Calendars of several machines can be in one, and a public one must not name the machine.
  const origin = createHash('sha256').update(`${hostname()}\n${home.stateDir}`).digest('hex').slice(0, 16);
  return renderCalendar(found, { now, origin });
}
