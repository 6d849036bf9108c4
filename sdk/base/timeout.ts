export type TimeoutOptions = {
  readonly ms: number;
  /**
   * What takes time, for the error `<what> took longer than 5000 ms`. Or a function that is called at the time limit,
   * after the work's signal is aborted, and returns the error.
   */
  readonly what: string | (() => Error);
  /** Aborts the work. */
  readonly signal?: AbortSignal | undefined;
  /** How long the work may go on after `signal` was aborted, in milliseconds. [0: rejects at once with its reason] */
  readonly graceMs?: number | undefined;
};

/**
 * The result of `work`, or a rejection once it has taken `ms`. The signal that the work is given is aborted at the time
 * limit and when `options.signal` is. A later result or rejection of the work is ignored.
 */
export async function withTimeout<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  { ms, what, signal, graceMs }: TimeoutOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort = () => {};
  const limit = new Promise<never>((_resolve, reject) => {
    const rejectAfter = (limitMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        abort.abort();
        reject(typeof what === 'function' ? what() : new Error(`${what} took longer than ${limitMs} ms`));
      }, limitMs);
    };
    rejectAfter(ms);
    onAbort = () => {
      abort.abort();
      if (graceMs === undefined) reject(signal?.reason);
      else rejectAfter(graceMs);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  // Work that rejects too late has a handler: Promise.race keeps one on it.
  const working = (async () => work(abort.signal))();
  try {
    return await Promise.race([working, limit]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
