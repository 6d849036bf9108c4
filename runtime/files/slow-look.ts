import type { Cleanup } from '../../sdk/base/cleanup.ts';

/** How late a change is noticed if the system does not report it. */
const EVERY_MS = 5 * 60_000;

const looks = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/** Calls `look` every five minutes. All callers share one timer, which keeps no process alive. */
export function lookSlowly(look: () => void): Cleanup {
  looks.add(look);
  timer ??= setInterval(() => {
    for (const each of looks) each();
  }, EVERY_MS).unref();
  return () => {
    looks.delete(look);
    if (looks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
