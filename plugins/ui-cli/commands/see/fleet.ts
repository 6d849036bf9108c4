import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import { machinesWorstFirst } from '../../../../sdk/wording/fleet.ts';
import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import { exitCodeOfSessions } from '../../context/exit.ts';
import { renderHistory } from '../../render/attempts.ts';
import { elsewhere, renderFleet } from '../../render/fleet.ts';
import { renderSession } from '../../render/session-card.ts';

/** A machine, or a session of one: `box`, `box/claude`. */
type Place = { readonly machine?: string; readonly id?: string };

export const fleet: Command = async context => {
  const { args, options, daemon, now } = context;
  const place = placeIn(args[0]);
  const client = await daemon();
  const all = await client.request('fleet/list');
  if (all.length === 0) throw new KeepaliveError('KA_FLEET_NONE');
  const machines = chosen(machinesWorstFirst(all, now()), place);
  if (options.history) return history(client, place, options);
  const { id } = place;
  if (id !== undefined) return oneSession(machines, id, now());
  return {
    document: machines,
    text: view => renderFleet(machines, view),
    exitCode: exitCodeOfSessions(
      machines.flatMap(({ sessions }) => sessions),
      now(),
    ),
  };
};

function placeIn(text: string | undefined): Place {
  if (text === undefined) return {};
  const at = text.indexOf('/');
  return at < 0 ? { machine: text } : { machine: text.slice(0, at), id: text.slice(at + 1) };
}

function chosen(machines: readonly FleetMachine[], { machine }: Place): readonly FleetMachine[] {
  if (machine === undefined) return machines;
  const found = machines.filter(one => one.machine === machine);
  if (found.length === 0) throw new KeepaliveError('KA_FLEET_MACHINE_NOT_FOUND', { machine });
  return found;
}

function oneSession(machines: readonly FleetMachine[], id: string, now: number): CommandResult {
  const [machine] = machines;
  const session = machine?.sessions.find(one => one.id === id);
  if (!machine || !session) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { id });
  return {
    document: session,
    text: view => renderSession(session, view, { isPast: machine.isSilent, adapt: text => elsewhere(text, machine) }),
    exitCode: exitCodeOfSessions([session], now),
  };
}

async function history(
  client: KeepaliveClient,
  place: Place,
  { limit }: Pick<CommandContext['options'], 'limit'>,
): Promise<CommandResult> {
  const attempts = await client.request('fleet/history', { ...place, limit });
  const more = attempts.length < limit ? [] : ['', `These are the last ${limit}. \`--limit ${limit * 5}\` shows more.`];
  const placed = attempts.map(({ machine, attempt: { id, message, ...attempt } }) => {
    const text = message === undefined ? {} : { message: elsewhere(message, { machine, accepts: [] }) };
    return { ...attempt, ...text, id: `${machine}/${id}` };
  });
  return { document: attempts, text: view => [renderHistory(placed, view), ...more].join('\n') };
}
