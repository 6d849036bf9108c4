type Options = {
  /** From a request until it is called. */
  readonly settleMs: number;
  /** From the end of a call until the next request counts. */
  readonly restMs: number;
  /** Resolves when the page can be seen. */
  readonly whenVisible: () => Promise<void>;
};

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Calls once for all requests that come together. Requests during a call, or while it rests, are one call after that,
 * however many come. While the page cannot be seen, they wait.
 */
export function throttle(call: () => Promise<void>, { settleMs, restMs, whenVisible }: Options): () => void {
  let isRequested = false;
  let isRunning = false;
  async function run(): Promise<void> {
    isRunning = true;
    while (isRequested) {
      await pause(settleMs);
      await whenVisible();
      isRequested = false;
      await call();
      await pause(restMs);
    }
    isRunning = false;
  }
  return () => {
    isRequested = true;
    if (!isRunning) void run();
  };
}
