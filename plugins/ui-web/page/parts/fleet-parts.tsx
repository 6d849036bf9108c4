import { useMemo } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { fleetHeadline, machinesWorstFirst } from '../../../../sdk/wording/fleet.ts';
import { sentence } from '../../../../sdk/wording/sentence.ts';
import { MANY } from '../format/session-filter.ts';
import type { FleetView } from '../kernel/model.ts';
import { useOpenMachines } from '../kernel/use-open-machines.ts';
import { useTimed } from '../kernel/use-time.ts';
import '../styles/fleet.css';
import { MachineRow } from './machine-row.tsx';
import { memo } from './memo.ts';

const MINUTE = 60_000;
const toMinute = (now: Instant): Instant => Math.floor(now / MINUTE) * MINUTE;

/** The machines, the worst first. Drawn again when one has shown something, and each minute. */
export const Machines = memo(({ fleet: { machines, trouble } }: { readonly fleet: FleetView }) => {
  const now = useTimed(toMinute);
  const sorted = useMemo(() => machinesWorstFirst(machines, now), [machines, now]);
  const isMany = machines.reduce((sum, { sessions }) => sum + sessions.length, 0) >= MANY;
  const { isOpen, toggle } = useOpenMachines(!isMany);
  return (
    <>
      {trouble !== undefined && (
        <p class="fleet-trouble" role="status">
          {sentence(trouble)} {machines.length > 0 && 'This is what was known before.'}
        </p>
      )}
      {machines.length > 0 && <p class="fleet-headline">{fleetHeadline(machines, now)}.</p>}
      <ul class="overview machines">
        {sorted.map(machine => (
          <MachineRow
            key={machine.machine}
            machine={machine}
            now={now}
            isOpen={isOpen(machine.machine)}
            toggle={toggle}
          />
        ))}
      </ul>
    </>
  );
});
