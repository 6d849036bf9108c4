import { useMemo, useState } from 'preact/hooks';
import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { listedOf } from '../format/machines.ts';
import { MachineNotices } from './machine-notices.tsx';
import { MachineSession } from './machine-session.tsx';

/** This many sessions are shown until all are asked for. */
const SHOWN = 50;

type Props = {
  readonly machine: FleetMachine;
  /** What needs the user there. */
  readonly items: readonly Attention[];
};

/** The notices and sessions of a machine. */
export function MachinePanel({ machine, items }: Props) {
  const listed = useMemo(() => listedOf(machine, items), [machine, items]);
  const [all, setAll] = useState(false);
  const shown = all ? listed : listed.slice(0, SHOWN);
  return (
    <>
      <p class="small quiet">{describeMachine(machine)}</p>
      <MachineNotices machine={machine} />
      <ul class="machine-sessions">
        {shown.map(one => (
          <MachineSession key={one.session.id} machine={machine} {...one} />
        ))}
      </ul>
      {shown.length < listed.length && (
        <p class="small">
          <button type="button" class="plain" onClick={() => setAll(true)}>
            Show all {listed.length} sessions<span class="unseen"> of {machine.machine}</span>
          </button>
        </p>
      )}
    </>
  );
}

/** Its version, and why it has no buttons. */
function describeMachine({ version, isHere, isSilent, accepts }: FleetMachine): string {
  const about = `Version ${version}.`;
  if (isHere) return `${about} Its sessions are above.`;
  if (isSilent) return `${about} This is what it showed when it was last heard.`;
  return accepts.length > 0 ? about : `${about} It takes no requests from other machines.`;
}
