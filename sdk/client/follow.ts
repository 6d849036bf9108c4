import type { RpcNotification } from '../contract/rpc.ts';
import type { Overview } from '../wording/attention.ts';
import type { KeepaliveClient } from './create-client.ts';

const CHANGES: readonly RpcNotification[] = [
  'session/didChange',
  'notice/didRaise',
  'notice/didClear',
  'config/didChange',
];

/**
 * Calls back with what `load` requests, now and after every change that the kernel announces; with undefined while it
 * does not answer. One load runs at a time: changes during it lead to one more.
 */
export function follow<T>(client: KeepaliveClient, load: () => Promise<T>, onLoaded: (loaded?: T) => void): void {
  let isLoading = false;
  let isStale = false;

  async function reload(): Promise<void> {
    isStale = true;
    if (isLoading) return;
    isLoading = true;
    while (isStale) {
      isStale = false;
      // After a failure the next connection loads again.
      onLoaded(await load().catch(() => undefined));
    }
    isLoading = false;
  }

  for (const change of CHANGES) client.on(change, () => void reload());
  client.onStatus(status => {
    if (status === 'connected') void reload();
    else onLoaded();
  });
  void reload();
}

/** Requests what every frontend shows. */
export async function requestOverview(client: KeepaliveClient): Promise<Overview> {
  const [sessions, plugins, notices] = await Promise.all([
    client.request('session/list'),
    client.request('plugin/list'),
    client.request('notice/list'),
  ]);
  return { sessions, plugins, notices };
}
