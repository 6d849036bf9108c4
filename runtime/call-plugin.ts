import { withTimeout } from '../sdk/base/timeout.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';

export type PluginCall =
  | 'load'
  | 'refresh'
  | 'inspect'
  | 'watch'
  | 'signIn'
  | 'start'
  | 'serve'
  | 'raise'
  | 'clear'
  | 'unavailable';

/** Importing a module and calling its factory. */
export const LOAD_LIMIT_MS = 20_000;
/** How long a call may go on after it was aborted: a renewal that was sent has to be saved. */
const ABORT_GRACE_MS = 30_000;

/** Called when a call was given up. A plugin that runs in its own process is then killed. */
export const ABANDON = Symbol('abandon');

/** The plugin that is called. */
export type CallTarget = { readonly id: string; readonly [ABANDON]?: () => void };

/** A time limit in milliseconds; or the same with a signal that aborts the call. */
export type CallLimits = number | { readonly timeoutMs: number; readonly stop: AbortSignal };

/**
 * The kernel calls plugins only through this. Survives a plugin that throws synchronously, never settles, ignores its
 * signal or rejects late. Rejects with `KA_PLUGIN_FAILED` or `KA_PLUGIN_TIMEOUT`, naming plugin and call; a
 * `KeepaliveError` passes unchanged.
 */
export async function callPlugin<T>(
  plugin: CallTarget,
  call: PluginCall,
  limits: CallLimits,
  run: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const { timeoutMs, stop } = typeof limits === 'number' ? { timeoutMs: limits, stop: undefined } : limits;
  // A plugin that only listens for the event would never notice that its signal was aborted before the call.
  stop?.throwIfAborted();
  const timedOut = () => {
    plugin[ABANDON]?.();
    const afterMs = stop?.aborted ? ABORT_GRACE_MS : timeoutMs;
    return new KeepaliveError('KA_PLUGIN_TIMEOUT', { plugin: plugin.id, call, afterMs });
  };
  const graceMs = Math.min(timeoutMs, ABORT_GRACE_MS);
  try {
    return await withTimeout(run, { ms: timeoutMs, graceMs, signal: stop, what: timedOut });
  } catch (error) {
    throw isKeepaliveError(error) ? error : new KeepaliveError('KA_PLUGIN_FAILED', { plugin: plugin.id, call }, error);
  }
}
