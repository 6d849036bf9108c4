import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../sdk/contract/session.ts';
import { fleetHeadline, lastHeard, machineCondition, machineSummary } from '../../../sdk/wording/fleet.ts';
import type { MachineCondition } from '../../../sdk/wording/fleet.ts';
import { digestOf } from './board.ts';
import type { Digest } from './digest.ts';
import { renderRemarks, type Remark } from './remarks.ts';
import { VERSION } from './sentences.ts';
import { renderSessions } from './sessions.ts';
import type { FormerWidths } from './table.ts';
import type { Appearance } from './status.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

const APPEARANCES: Readonly<Record<MachineCondition, Appearance>> = {
  'needs-user': { symbol: '✗', style: 'red' },
  failing: { symbol: '▲', style: 'yellow' },
  silent: { symbol: '◌', style: 'yellow' },
  good: { symbol: '●', style: 'green' },
};

type Shown = { readonly machine: FleetMachine; readonly digest: Digest };

/** The machines in the order given, each with its sessions and what needs the user there. */
export function renderFleet(machines: readonly FleetMachine[], view: View): string {
  const shown = machines.map(machine => ({ machine, digest: digestOf({ ...machine, plugins: [] }, view.now) }));
  const version = machines.find(({ isHere }) => isHere)?.version ?? VERSION;
  // The columns of all tables are as wide as the widest needs.
  const former: FormerWidths = new Map();
  for (const { machine, digest } of shown) renderTableOf(machine, digest, view, former);
  const parts = shown.map(({ machine, digest }) => {
    const heading = renderHeading({ machine, digest }, version, view);
    const remarks = renderRemarks(remarksOf(machine, digest), view).join('\n');
    return [heading, renderTableOf(machine, digest, view, former), remarks].filter(text => text !== '').join('\n');
  });
  const headline = machines.length > 1 ? [wrap(fleetHeadline(machines, view.now), view.width)] : [];
  return [...headline, ...parts].join('\n\n');
}

function looksOf(machine: FleetMachine, { attention: [worst] }: Digest, now: Instant): Appearance {
  const condition = machineCondition(machine, now);
  return APPEARANCES[condition === 'needs-user' && worst?.level !== 'error' ? 'failing' : condition];
}

/** `✗ box: 2 of 5 need a login, last heard 3 min ago`. */
function renderHeading({ machine, digest }: Shown, version: string, { now, width, paint }: View): string {
  const { symbol, style } = looksOf(machine, digest, now);
  const other = machine.version === version ? '' : `, version ${machine.version}`;
  const facts = `${machineSummary(machine, now)}, ${lastHeard(machine, now)}${other}`;
  const text = wrap(`${symbol} ${machine.machine}: ${facts}`, width, '  ');
  return text
    .replace(machine.machine, paint('bold', machine.machine))
    .replace(symbol, style ? paint(style, symbol) : symbol);
}

function renderTableOf({ isSilent }: FleetMachine, { entries }: Digest, view: View, former: FormerWidths): string {
  const sessions = entries.map(({ session }) => session);
  return sessions.length > 0 ? renderSessions(sessions, view, { isPast: isSilent, former }) : '';
}

/** What another machine says of its sessions is about commands there. */
const remarksOf = (machine: FleetMachine, { remarks }: Digest): readonly Remark[] =>
  remarks.map(remark => ({ ...remark, text: elsewhere(remark.text, machine) }));

/** A command that another machine may be asked for, and the session there. */
const ROUTED = /`keepalive (refresh|login) ([^\s`/]+)(?=[\s`])/g;
const ELSEWHERE = /`keepalive (?!(?:refresh|login) [^\s`/]+\/)/;

type Place = Pick<FleetMachine, 'machine' | 'accepts' | 'isHere'>;

/** The command that works from here, if that machine accepts it; otherwise where to run it. */
export function elsewhere(text: string, { machine, accepts, isHere }: Place): string {
  if (isHere) return text;
  const routed = text.replaceAll(ROUTED, (all, command: string, id: string) =>
    accepts.includes(command) ? `\`keepalive ${command} ${machine}/${id}` : all,
  );
  return ELSEWHERE.test(routed) ? `On ${machine}: ${routed}` : routed;
}
