import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import { needsLogin, type Instant, type Notice, type Session } from '../../../../sdk/contract/session.ts';
import { urgentFirst, type Attention } from '../../../../sdk/wording/attention.ts';
import { machineCondition, machineSummary, type MachineCondition } from '../../../../sdk/wording/fleet.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import type { StatusTone } from '../../../../sdk/wording/status.ts';
import { toneLabel, type Label } from './labels.ts';

const TONES: Readonly<Record<MachineCondition, StatusTone>> = {
  'needs-user': 'login',
  failing: 'trouble',
  silent: 'offline',
  good: 'good',
};

/** How a machine is, as a label. `items` is what needs the user there. */
export function machineLabel(machine: FleetMachine, items: readonly Attention[], now: Instant): Label {
  const condition = machineCondition(machine, now);
  const isMild = condition === 'needs-user' && items.every(({ level }) => level === 'warning');
  return toneLabel(capitalized(machineSummary(machine, now)), isMild ? 'trouble' : TONES[condition]);
}

/** A session of a machine. */
export type Listed = {
  readonly session: Session;
  /** What the user can do about it. */
  readonly action: string | undefined;
  /** Whether a sign-in helps. */
  readonly asksForLogin: boolean;
};

const ABOUT_LOGINS: readonly Notice['code'][] = ['login-ends-soon', 'shared-login'];

/** The sessions of a machine, those that need the user first. */
export function listedOf({ sessions, notices }: FleetMachine, items: readonly Attention[]): readonly Listed[] {
  const actions = new Map(items.flatMap(({ kind, id, action }) => (kind === 'session' ? [[id, action]] : [])));
  const named = new Set(notices.filter(({ code }) => ABOUT_LOGINS.includes(code)).map(({ session }) => session));
  return urgentFirst(sessions, items).map(session => ({
    session,
    action: actions.get(session.id),
    asksForLogin: needsLogin(session) || named.has(session.id),
  }));
}
