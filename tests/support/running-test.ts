import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished as onLatestFinished, type TestContext } from 'vitest';

/** The test that is running. */
export const running = new AsyncLocalStorage<TestContext>();

/** Like Vitest's own, but correct in concurrent tests, for which Vitest uses the test that began last. */
export const onTestFinished: typeof onLatestFinished = (...args) =>
  (running.getStore()?.onTestFinished ?? onLatestFinished)(...args);
