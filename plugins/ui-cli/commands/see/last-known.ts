import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY } from '../../../../sdk/contract/policy.ts';
import type { Session, SessionRecord } from '../../../../sdk/contract/session.ts';
import { relativeAndLocal } from '../../../../sdk/wording/time.ts';
import type { CommandContext, CommandResult } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { readStates, type States } from '../../prompt/states-file.ts';
import { renderSession } from '../../render/session-card.ts';
import { renderPast } from '../../render/overview.ts';
import { start } from '../run/start.ts';

/** What `status` shows without a daemon: how the last one left its sessions, and how to start another. */
export function lastKnown(context: CommandContext, error: unknown): CommandResult {
  if (!isKeepaliveError(error) || error.code !== 'KA_RPC_NO_DAEMON' || context.options.json) throw error;
  const { home, args, screen, keyboard } = context;
  const [id] = args;
  const states = readStates(home.states);
  const sessions = sessionsIn(states).filter(session => id === undefined || session.id === id);
  const canStart = screen.live && keyboard.isPresent;
  if (sessions.length === 0 && !canStart) throw error;
  if (!canStart) screen.note(`Start it with \`keepalive start\`. (${error.code})`);
  const text: CommandResult['text'] = view => {
    const heading = headingOf(states, sessions.length, view.now);
    const [only] = sessions;
    if (id !== undefined && only) return `${heading}\n\n${renderSession(only, view, { isPast: true })}`;
    return renderPast(heading, sessions, view);
  };
  const afterwards = canStart ? () => offerStart(context) : undefined;
  return { document: sessions, text, exitCode: EXIT.noDaemon, afterwards };
}

function headingOf(states: States | undefined, count: number, now: number): string {
  const at = states?.stoppedAt ?? states?.savedAt;
  const isStopped = states?.stoppedAt !== undefined;
  if (at === undefined || count === 0) return 'Keepalive is not running.';
  const age = relativeAndLocal(at, now);
  return isStopped
    ? `Keepalive is not running. It was stopped ${age}; this is how it left the sessions:`
    : `Keepalive is not running. This was saved ${age}:`;
}

async function offerStart(context: CommandContext): Promise<CommandResult | void> {
  context.screen.line('\nPress Enter to start it, Ctrl-C to leave.');
  if (await context.keyboard.enter(context.interrupted())) return start(context);
  // The terminal shows ^C on the line on which the user left.
  context.screen.line('');
}

const sessionsIn = (states: States | undefined): readonly Session[] =>
  Object.entries(states?.sessions ?? {}).map(([id, record]) => sessionOf(id, record));

function sessionOf(id: string, record: SessionRecord): Session {
  const { displayName, state, lastAttempt, lastSuccessAt, lastRenewedAt, expiresAt, loginExpiresAt } = record;
  const method = lastAttempt?.method || record.method || '';
  const facts = { lastAttempt, lastSuccessAt, lastRenewedAt, expiresAt, loginExpiresAt };
  return { id, displayName: displayName || id, provider: '', method, policy: DEFAULT_POLICY, state, ...facts };
}
