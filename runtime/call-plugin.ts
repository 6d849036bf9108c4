import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';

export type PluginCall = 'load' | 'refresh' | 'inspect' | 'watch' | 'start' | 'serve' | 'raise' | 'clear';

/** Importing a module and calling its factory. */
export const LOAD_LIMIT_MS = 20_000;
/** How long a call that was told to stop may go on: a renewal that was sent has to be written down. */
const ABORT_GRACE_MS = 30_000;

/** Of a plugin that can be ended: called when its call was given up, so that nothing of it goes on unseen. */
export const ABANDON = Symbol('abandon');

/** Who is called. */
export type Guest = { readonly id: string; readonly [ABANDON]?: () => void };

/**
 * Calls into a plugin. No other file does. Survives one that throws at once, never settles, ignores its signal or rejects late.
 * Rejects with `KA_PLUGIN_FAILED` or `KA_PLUGIN_TIMEOUT`, naming plugin and call; an error of our own class passes as it is.
 */
export async function callPlugin<T>(
  plugin: Guest,
  call: PluginCall,
  timeoutMs: number,
  run: (signal: AbortSignal) => T | Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  // Told to stop before it began: a plugin that only listens for the signal would wait for ever.
  stop?.throwIfAborted();
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onStop: (() => void) | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const giveUp = (ms: number, afterMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        limit.abort();
        plugin[ABANDON]?.();
        reject(new KeepaliveError('KA_PLUGIN_TIMEOUT', { plugin: plugin.id, call, afterMs }));
      }, ms);
    };
    giveUp(timeoutMs, timeoutMs);
    onStop = () => {
      limit.abort();
      giveUp(Math.min(timeoutMs, ABORT_GRACE_MS), ABORT_GRACE_MS);
    };
    stop?.addEventListener('abort', onStop, { once: true });
  });
  // A plugin that rejects after its time is up has nobody to tell: Promise.race keeps a handler on it.
  const work = (async () => run(limit.signal))();
  try {
    return await Promise.race([work, tooLate]);
  } catch (error) {
    throw isKeepaliveError(error) ? error : new KeepaliveError('KA_PLUGIN_FAILED', { plugin: plugin.id, call }, error);
  } finally {
    clearTimeout(timer);
    if (onStop) stop?.removeEventListener('abort', onStop);
  }
}
