import { useMemo } from 'preact/hooks';
import type { SessionDay } from '../../../../sdk/contract/rpc.ts';
import { describeDays, layDays } from '../format/days.ts';
import { useTimed } from '../kernel/use-time.ts';

export const NO_DAYS: readonly SessionDay[] = [];

/** The last 30 days, a mark for each. Height and pattern say the same as the colour. */
export function DayStrip({ days }: { readonly days: readonly SessionDay[] }) {
  const today = useTimed(now => new Date(now).setHours(12, 0, 0, 0));
  const cells = useMemo(() => layDays(days, today), [days, today]);
  return (
    <span class="strip" role="img" aria-label={describeDays(days, today)}>
      {cells.map(({ day, kind, title }) => (
        <span key={day} class={`mark-of-day mark-${kind}`} title={title} />
      ))}
    </span>
  );
}

/** The same in words. */
export function DaysText({ days }: { readonly days: readonly SessionDay[] }) {
  return <>{useTimed(now => describeDays(days, now))}</>;
}
