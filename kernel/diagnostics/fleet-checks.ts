import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetMachine } from '../../sdk/contract/rpc.ts';
import type { Instant, Notice } from '../../sdk/contract/session.ts';
import { fleetHeadline, lastHeard } from '../../sdk/wording/fleet.ts';
import { listed } from '../../sdk/wording/sentence.ts';
import { error, info, ok, warning, type Findings } from './findings.ts';

export type FleetFacts = {
  /** All machines, or why they are not known. Undefined without a fleet. */
  readonly list: (() => readonly FleetMachine[] | Promise<readonly FleetMachine[]>) | undefined;
  readonly notices: readonly Notice[];
  readonly now: Instant;
};

const SUBJECT = 'fleet';

/** Whether the fleet is reached, under which name, and which machines are silent. Shared logins come with sessions. */
export async function checkFleet({ list, notices, now }: FleetFacts): Promise<Findings> {
  if (!list) return [];
  try {
    return machineFindings(await list(), now);
  } catch (reason) {
    if (!(reason instanceof KeepaliveError)) throw reason;
    return [unreached(reason, notices)];
  }
}

/** A notice knows more: what to do, for what does not end by itself. */
function unreached(reason: KeepaliveError, notices: readonly Notice[]): Findings[number] {
  const notice = notices.find(({ code }) => code === 'fleet-unreachable');
  const { reason: cause } = reason.details;
  if (reason.code !== 'KA_FLEET_UNREACHABLE') return error(SUBJECT, reason.message, notice?.action);
  const message = `the database is not reached${typeof cause === 'string' ? `: ${cause}` : ''}`;
  return warning(SUBJECT, message, notice?.action ?? 'It is tried again by itself');
}

function machineFindings(machines: readonly FleetMachine[], now: Instant): Findings {
  const here = machines.find(({ isHere }) => isHere);
  const silent = machines.filter(({ isSilent }) => isSilent);
  const others = machines.filter(({ version }) => here && version !== here.version);
  return [
    here ? ok(SUBJECT, reached(here, machines, now)) : info(SUBJECT, 'this machine has not shown itself yet'),
    ...silent
      .filter(({ isHere }) => !isHere)
      .map(machine =>
        warning(
          SUBJECT,
          `${machine.machine} is ${lastHeard(machine, now)}`,
          'Start Keepalive there. If the machine is gone, docs/fleet.md says how to remove it',
        ),
      ),
    ...(others.length > 0
      ? [info(SUBJECT, `other versions: ${listed(others.map(({ machine, version }) => `${machine} ${version}`))}`)]
      : []),
  ];
}

function reached({ machine, accepts }: FleetMachine, machines: readonly FleetMachine[], now: Instant): string {
  const accepted = accepts.length > 0 ? `accepts ${listed(accepts)} from others` : 'accepts nothing from others';
  return `${machine} is connected, and ${accepted}; ${fleetHeadline(machines, now)}`;
}
