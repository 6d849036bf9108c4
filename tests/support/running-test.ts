import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished as onLatestFinished } from 'vitest';

/** What cleans up at its end: a test, or a trial of a vendor's program, which Vitest does not run. */
export type Running = { readonly onTestFinished: (end: () => void | Promise<void>, timeout?: number) => void };

/** The test that is running. */
export const running = new AsyncLocalStorage<Running>();

/** Like Vitest's own, but correct in concurrent tests, for which Vitest uses the test that began last. */
export const onTestFinished = (end: () => void | Promise<void>, timeout?: number): void => {
  const test: Running = running.getStore() ?? { onTestFinished: onLatestFinished };
  test.onTestFinished(end, timeout);
};
