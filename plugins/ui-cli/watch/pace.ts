import type { Cleanup } from '../../../sdk/base/cleanup.ts';

export type SetTimer = (task: () => void, ms: number) => Cleanup;

export const afterMs: SetTimer = (task, ms) => {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
};

export type Pace = { readonly run: () => void; readonly stop: () => void };

/** Runs the task at once, and then at most once in this time: further calls are one run at the end of it. */
export function paced(task: () => void, ms: number, setTimer: SetTimer): Pace {
  let cancel: Cleanup | undefined;
  let isWanted = false;
  const run = () => {
    isWanted = cancel !== undefined;
    if (isWanted) return;
    cancel = setTimer(() => {
      cancel = undefined;
      if (isWanted) run();
    }, ms);
    task();
  };
  const stop = () => {
    void cancel?.();
    cancel = undefined;
  };
  return { run, stop };
}
