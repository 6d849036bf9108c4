import { useMemo } from 'preact/hooks';
import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { lastHeard, machineAttention } from '../../../../sdk/wording/fleet.ts';
import type { Attention } from '../../../../sdk/wording/attention.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { machineLabel } from '../format/machines.ts';
import { useTimed } from '../kernel/use-time.ts';
import { Disclose } from './disclose.tsx';
import { Icon } from './icon.tsx';
import { MachinePanel } from './machine-panel.tsx';
import { memo } from './memo.ts';
import { LabelText } from './text.tsx';

type Props = {
  readonly machine: FleetMachine;
  readonly now: Instant;
  readonly isOpen: boolean;
  readonly toggle: (machine: string, isOpen: boolean) => void;
};

/** A machine: one line, which opens. */
export const MachineRow = memo(({ machine, now, isOpen, toggle }: Props) => {
  const { machine: name, isSilent } = machine;
  const items = useMemo(() => machineAttention(machine, now), [machine, now]);
  const label = useMemo(() => machineLabel(machine, items, now), [machine, items, now]);
  const heard = useTimed(at => capitalized(lastHeard(machine, calm(at, machine))));
  return (
    <li>
      <article aria-labelledby={`machine-${name}`}>
        <div class="line">
          <h3 class="who">
            <Disclose
              id={`machine-${name}`}
              name={name}
              isOpen={isOpen}
              panel={`sessions-${name}`}
              toggle={() => toggle(name, isOpen)}
            />
          </h3>
          <p class="state">
            <LabelText label={label} />
          </p>
          <p class={`heard ${isSilent ? 'tone-warn' : 'quiet'}`}>{heard}</p>
        </div>
        {isOpen ? (
          <div class="machine-panel" id={`sessions-${name}`}>
            <MachinePanel machine={machine} items={items} />
          </div>
        ) : (
          <Needed items={items} />
        )}
      </article>
    </li>
  );
});

/** Running machines are heard this often, so seconds would say nothing. */
const BEAT_MS = 30_000;

const calm = (now: Instant, { seenAt }: FleetMachine): Instant => now - ((now - seenAt) % BEAT_MS);

const SHOWN = 3;

/** What needs the user on a machine that is closed. */
function Needed({ items }: { readonly items: readonly Attention[] }) {
  if (items.length === 0) return null;
  const rest = items.length - SHOWN;
  return (
    <ul class="needed">
      {items.slice(0, SHOWN).map(({ id, kind, level, title }) => (
        <li key={`${kind} ${id}`} class={`tone-${level === 'error' ? 'bad' : 'warn'}`}>
          <Icon sign={level === 'error' ? 'cross' : 'triangle'} /> {title}
        </li>
      ))}
      {rest > 0 && <li class="quiet">and {rest} more</li>}
    </ul>
  );
}
