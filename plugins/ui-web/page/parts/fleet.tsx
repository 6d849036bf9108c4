import type { FleetView } from '../kernel/model.ts';
import { useLazy } from '../kernel/use-lazy.ts';
import { LoadAgain } from './circumstances.tsx';

/** All machines of the fleet. */
export function Fleet({ fleet }: { readonly fleet: FleetView }) {
  const parts = useLazy(true, () => import('./fleet-parts.tsx'));
  return (
    <section id="fleet" aria-labelledby="fleet-heading">
      <h2 id="fleet-heading">All machines</h2>
      {parts === 'failed' ? <LoadAgain /> : parts && <parts.Machines fleet={fleet} />}
    </section>
  );
}
