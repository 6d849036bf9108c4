import type { FleetMachine, RpcNotification } from '../contract/rpc.ts';
import type { Instant } from '../contract/session.ts';
import {
  fleetHeadline,
  machineAttention,
  machineCondition,
  machinesWorstFirst,
  machineSummary,
} from '../wording/fleet.ts';
import type { KeepaliveClient } from './create-client.ts';

/** Another machine of the fleet that needs the user. */
export type NeedyMachine = {
  readonly machine: string;
  readonly level: 'error' | 'warning';
  /** One line, without a full stop: `box: 1 of 2 needs a login`. */
  readonly title: string;
};

/** What needs the user on other machines. */
export type Elsewhere = {
  /** All machines in one line, without a full stop. */
  readonly headline: string;
  /** The worst first. There is one at least. */
  readonly machines: readonly NeedyMachine[];
};

/** Undefined if no other machine needs the user. */
export function elsewhereOf(machines: readonly FleetMachine[], now: Instant): Elsewhere | undefined {
  const needy = machinesWorstFirst(machines, now).filter(
    machine => !machine.isHere && machineCondition(machine, now) === 'needs-user',
  );
  return needy.length > 0
    ? { headline: fleetHeadline(machines, now), machines: needy.map(machine => needyMachine(machine, now)) }
    : undefined;
}

function needyMachine(shown: FleetMachine, now: Instant): NeedyMachine {
  const { machine, isSilent } = shown;
  const isGrave = machineAttention(shown, now).some(({ level }) => level === 'error');
  const title = `${machine}: ${machineSummary(shown, now)}${isSilent ? ', silent' : ''}`;
  return { machine, level: isGrave ? 'error' : 'warning', title };
}

const CHANGES: readonly RpcNotification[] = ['fleet/didChange', 'config/didChange'];
/** From one reading to the next. */
const REST_MS = 5_000;
/** A large fleet is read for a small part of the time. */
const REST_FACTOR = 20;

/**
 * Calls back with what needs the user on other machines, now and after changes that the kernel announces. Nothing is
 * asked without a change. While the fleet cannot be read, what was known before holds.
 */
export function followFleet(
  client: KeepaliveClient,
  now: () => Instant,
  onRead: (elsewhere: Elsewhere | undefined) => void,
): void {
  let isReading = false;
  let isStale = false;

  async function read(): Promise<void> {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale) {
      isStale = false;
      const startedAt = performance.now();
      // After a failure the next change, or the next connection, reads again. A machine of a later version may show
      // what is not known here.
      const ask = async () => onRead(elsewhereOf(await client.request('fleet/list'), now()));
      await ask().catch(() => undefined);
      await rest(Math.max(REST_MS, REST_FACTOR * (performance.now() - startedAt)));
    }
    isReading = false;
  }

  for (const change of CHANGES) client.on(change, () => void read());
  client.onStatus(status => void (status === 'connected' && read()));
  void read();
}

/** Keeps no program running. */
const rest = (ms: number): Promise<void> => new Promise(resolve => void setTimeout(resolve, ms).unref());
