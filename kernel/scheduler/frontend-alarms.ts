import type { Machine } from '../../sdk/plugin/frontend.ts';
import type { Scheduler } from './scheduler.ts';

/** The alarms of frontends. They also ring when the clock is set back, because their time may be far away then. */
export function frontendAlarms(scheduler: Pick<Scheduler, 'at' | 'onJump'>): Machine['at'] {
  const waiting = new Set<() => void>();
  scheduler.onJump(by => {
    // What rings sets new ones.
    const before = by < 0 ? [...waiting] : [];
    for (const ring of before) ring();
  });
  return (time, call) => {
    const ring = () => {
      waiting.delete(ring);
      void cancel();
      call();
    };
    const cancel = scheduler.at(time, ring);
    waiting.add(ring);
    return () => {
      waiting.delete(ring);
      return cancel();
    };
  };
}
