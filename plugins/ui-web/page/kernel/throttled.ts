import { throttle } from './throttle.ts';

/** Changes often come together. Those of many sessions never pause, so nothing waits for a pause. */
const TIMES = { settleMs: 300, restMs: 1_000 };

/**
 * What reads again after changes: about once a second at most, and not before the page is seen. A lost connection is
 * reported by its status.
 */
export const throttled = (call: () => Promise<void>) =>
  throttle(() => call().catch(() => undefined), { ...TIMES, whenVisible });

async function whenVisible(): Promise<void> {
  while (document.hidden)
    await new Promise(resolve => document.addEventListener('visibilitychange', resolve, { once: true }));
}
