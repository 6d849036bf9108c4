import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished as onLatestFinished, type TestContext } from 'vitest';

/** The test that this code runs for. */
export const running = new AsyncLocalStorage<TestContext>();

/** As Vitest's own, but also right where tests run concurrently: Vitest takes the test that began last. */
export const onTestFinished: typeof onLatestFinished = (...args) =>
  (running.getStore()?.onTestFinished ?? onLatestFinished)(...args);
