import { isKeepaliveError, type KeepaliveError } from '../contract/errors.ts';
import { watchPath } from '../system/watch-path.ts';
import type { Channel } from './channel.ts';

/** A process that may be a kernel but does not answer is asked again after this time, and then ever less often. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
const LONGEST_MS = 2 ** 31 - 1;

export type Patience = {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the reason of each try that failed. */
  readonly onAbsent?: ((reason: KeepaliveError) => void) | undefined;
};

/**
 * Opens a connection once there is a kernel. Between tries it waits until the endpoint file changes, so waiting costs
 * nothing. Rejects if the signal is aborted.
 */
export async function openOnceThere(
  open: () => Promise<Channel>,
  endpointFile: string,
  { signal, onAbsent }: Patience = {},
): Promise<Channel> {
  const file = watchPath(endpointFile);
  try {
    for (let tries = 0; ; tries += 1) {
      signal?.throwIfAborted();
      const change = file.nextChange().then(() => 'changed' as const);
      try {
        return await unlessAborted(open(), signal);
      } catch (error) {
        if (signal?.aborted || !isKeepaliveError(error)) throw error;
        onAbsent?.(error);
        const retryMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LAST_RETRY_MS);
        const isTimed = mayAnswerLater(error.details) || !file.isWatched;
        if ((await either(change, isTimed ? retryMs : LONGEST_MS, signal)) === 'changed') tries = -1;
      }
    }
  } finally {
    file.close();
  }
}

/** The channel. If the signal is aborted first, rejects at once, and closes the channel once it is open. */
function unlessAborted(opening: Promise<Channel>, signal?: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal?.reason);
      void opening.then(
        channel => channel.close(),
        () => undefined,
      );
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    void opening.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}

/** Whether there is an address, and its process has not ended. */
const mayAnswerLater = ({ url, ended }: Readonly<Record<string, unknown>>): boolean =>
  url !== undefined && ended !== true;

/** Waits for the change, at most for this time, and no longer than until the signal is aborted. */
function either<T>(change: Promise<T>, atMostMs: number, signal?: AbortSignal): Promise<T | undefined> {
  return new Promise(resolve => {
    const finish = (value?: T) => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', stop);
      resolve(value);
    };
    const stop = () => finish();
    const limit = setTimeout(finish, atMostMs);
    signal?.addEventListener('abort', stop);
    void change.then(finish);
  });
}
