import type { Machine } from '../../sdk/plugin/frontend.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * The alarms of frontends. They also ring when the clock is set back, because their time may be far away then. What one
 * throws is reported: the alarms of sessions come after it.
 */
export function frontendAlarms(
  scheduler: Pick<Scheduler, 'at' | 'onJump'>,
  report: (error: unknown) => void,
): Machine['at'] {
  const waiting = new Set<() => void>();
  scheduler.onJump(by => {
    // What rings sets new ones.
    const before = by < 0 ? [...waiting] : [];
    for (const ring of before) ring();
  });
  return (time, call) => {
    // It would disorder the queue, which the sessions share.
    if (!Number.isFinite(time)) throw new RangeError(`An alarm needs a time in milliseconds, not ${time}.`);
    const ring = () => {
      waiting.delete(ring);
      void cancel();
      try {
        call();
      } catch (error) {
        report(error);
      }
    };
    const cancel = scheduler.at(time, ring);
    waiting.add(ring);
    return () => {
      waiting.delete(ring);
      return cancel();
    };
  };
}
