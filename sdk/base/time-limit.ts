/**
 * A signal that is aborted after some time, and when `signal` is. In Node 20, `AbortSignal.any` does not keep a signal
 * of `AbortSignal.timeout` from being collected as garbage, and then never ends. One with a listener is kept.
 */
export function timeLimit(ms: number, signal?: AbortSignal | null): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  limit.addEventListener('abort', () => {}, { once: true });
  return signal ? AbortSignal.any([signal, limit]) : limit;
}
