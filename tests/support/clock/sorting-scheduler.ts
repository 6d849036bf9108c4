import type { Scheduler } from '../../../kernel/scheduler/scheduler.ts';

/** The simplest scheduler: it sorts a list for every next alarm. A control: it shows what the queue is for. */
export function sortingScheduler(): Scheduler {
  let alarms: { readonly at: number; readonly task: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const beat = (): void => {
    for (let next = alarms[0]; next && next.at <= Date.now(); next = alarms[0]) {
      alarms = alarms.slice(1).toSorted((a, b) => a.at - b.at);
      next.task();
    }
    arm();
  };
  const arm = (): void => {
    clearTimeout(timer);
    const [next] = alarms;
    if (next) timer = setTimeout(beat, next.at - Date.now());
  };
  return {
    at(at, task) {
      const alarm = { at, task };
      alarms.push(alarm);
      if (alarms[0] === alarm) arm();
      return () => void (alarms = alarms.filter(other => other !== alarm));
    },
    onJump: () => undefined,
    onNetworkChange: () => undefined,
    stop: () => clearTimeout(timer),
  };
}
