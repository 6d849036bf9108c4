import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';

export type AttachListener = {
  readonly onConnected: (client: KeepaliveClient) => void;
  /** No daemon answers: there was none, or the connection is lost. */
  readonly onAbsent: (error?: unknown) => void;
};

export type Attachment = {
  /** Looks again, for file systems that report no changes. */
  readonly retry: () => void;
  readonly close: Cleanup;
};

/** Connects to the daemon whenever there is one. While there is none, nothing is polled. */
export function attach(
  endpointFile: string,
  { onConnected, onAbsent }: AttachListener,
  connectTo: typeof connect = connect,
): Attachment {
  let client: KeepaliveClient | undefined;
  let search = new AbortController();

  function look(): void {
    search.abort();
    search = new AbortController();
    const { signal } = search;
    connectTo({ endpointFile, wait: true, signal, onAbsent }).then(
      connected => (signal.aborted ? connected.close() : use(connected)),
      error => {
        if (!signal.aborted) onAbsent(error);
      },
    );
  }

  function use(connected: KeepaliveClient): void {
    client = connected;
    connected.onStatus(() => {
      client = undefined;
      onAbsent();
      look();
    });
    onConnected(connected);
  }

  look();
  return {
    retry() {
      if (!client && !search.signal.aborted) look();
    },
    close() {
      search.abort();
      client?.close();
    },
  };
}
