import type { FleetMachine } from '../contract/rpc.ts';
import type { Instant } from '../contract/session.ts';
import { attentionOf, type Attention } from './attention.ts';
import { counted } from './sentence.ts';
import { STATUS_LABELS, STATUS_TONES, statusOf } from './status.ts';
import { relative } from './time.ts';

/** How a machine is, the worst first: a user must act, or a session is retried, or nothing is heard, or all is well. */
const CONDITIONS = ['needs-user', 'failing', 'silent', 'good'] as const;
export type MachineCondition = (typeof CONDITIONS)[number];

type Facts = Pick<FleetMachine, 'machine' | 'seenAt' | 'isHere' | 'isSilent' | 'sessions' | 'notices'>;
type Needs = Pick<FleetMachine, 'sessions' | 'notices'>;

/** What needs the user on one machine, the worst first. Machines do not show each other their plugins. */
export const machineAttention = ({ sessions, notices }: Needs, now: Instant): readonly Attention[] =>
  attentionOf({ sessions, notices, plugins: [] }, now);

export function machineCondition(machine: Needs & Pick<Facts, 'isSilent'>, now: Instant): MachineCondition {
  const items = machineAttention(machine, now);
  if (items.length > idsOf(machine, 'backoff', now).length) return 'needs-user';
  if (items.length > 0) return 'failing';
  return machine.isSilent ? 'silent' : 'good';
}

/** The worst machine first, by name within one condition. */
export function machinesWorstFirst<T extends Facts>(machines: readonly T[], now: Instant): readonly T[] {
  const ranked = machines.map(machine => ({ machine, rank: CONDITIONS.indexOf(machineCondition(machine, now)) }));
  return ranked
    .toSorted((one, other) => one.rank - other.rank || compare(one.machine.machine, other.machine.machine))
    .map(({ machine }) => machine);
}

/** A machine in one line: `box: 2 of 5 need a login, last heard 3 min ago`. */
export const machineHeadline = (machine: Facts, now: Instant): string =>
  `${machine.machine}: ${machineSummary(machine, now)}, ${lastHeard(machine, now)}`;

/** How its sessions are: `2 of 5 need a login`. */
export function machineSummary(machine: Needs, now: Instant): string {
  const all = machine.sessions.length;
  const items = machineAttention(machine, now);
  const failing = idsOf(machine, 'backoff', now).length;
  const urgent = items.length - failing;
  if (urgent > 0) {
    const needs = urgent === 1 ? 'needs' : 'need';
    if (items.some(({ kind }) => kind !== 'session')) return `${counted(urgent, 'thing')} ${needs} you`;
    const isLogins = idsOf(machine, 'login-required', now).length === urgent;
    return `${urgent} of ${all} ${needs} ${isLogins ? 'a login' : 'you'}`;
  }
  if (failing > 0) return `${failing} of ${all} ${STATUS_LABELS.backoff}`;
  if (all === 0) return 'no session';
  const off = machine.sessions.filter(session => STATUS_TONES[statusOf(session, now)] === 'off').length;
  if (off === all) return `${counted(all, 'session')}, all paused`;
  return `${counted(all, 'session')}${off > 0 ? `, ${off} paused` : ''}`;
}

type Heard = Pick<Facts, 'seenAt' | 'isHere' | 'isSilent'>;

/** When it was last heard: `last heard 3 min ago`, `silent, last heard 2 h ago`, `this machine`. */
export function lastHeard({ seenAt, isHere, isSilent }: Heard, now: Instant): string {
  if (isHere) return 'this machine';
  // The database's clock may be ahead of ours.
  const ago = relative(Math.min(seenAt, now), now);
  return isSilent ? `silent, last heard ${ago}` : `last heard ${ago}`;
}

/** All machines in one line, without a full stop: `1 of 3 machines needs you, 1 silent`. */
export function fleetHeadline(machines: readonly Facts[], now: Instant): string {
  if (machines.length === 0) return 'No machine is in the fleet';
  const needy = machines.filter(machine => machineCondition(machine, now) === 'needs-user').length;
  const silent = machines.filter(({ isSilent }) => isSilent).length;
  const rest = silent > 0 ? `, ${silent} silent` : '';
  if (needy === 0) return `${counted(machines.length, 'machine')}${rest}`;
  return `${needy} of ${counted(machines.length, 'machine')} ${needy === 1 ? 'needs' : 'need'} you${rest}`;
}

const idsOf = ({ sessions }: Needs, status: ReturnType<typeof statusOf>, now: Instant) =>
  sessions.filter(session => statusOf(session, now) === status).map(({ id }) => id);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
