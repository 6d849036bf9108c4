import type { FleetView } from '../kernel/model.ts';
import { LoadAgain, useLatePart } from './late-part.tsx';

type Props = { readonly fleet: FleetView };

/** All machines of the fleet. */
export function Fleet({ fleet }: Props) {
  const parts = useLatePart(true, () => import('./fleet-parts.tsx'));
  return (
    <section id="fleet" aria-labelledby="fleet-heading">
      <h2 id="fleet-heading">All machines</h2>
      {parts === 'failed' ? <LoadAgain /> : parts && <parts.Machines fleet={fleet} />}
    </section>
  );
}
