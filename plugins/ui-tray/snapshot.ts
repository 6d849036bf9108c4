import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { RpcNotification } from '../../sdk/contract/rpc.ts';
import type { Snapshot } from './model.ts';

const CHANGES: readonly RpcNotification[] = [
  'session/didChange',
  'notice/didRaise',
  'notice/didClear',
  'config/didChange',
];

/** The built-in plugin that serves the settings page. */
const PAGE = 'ui-web';

/** Calls back with a snapshot of the kernel now and after every change; with undefined while it does not answer. */
export function watchKernel(client: KeepaliveClient, onSnapshot: (snapshot: Snapshot | undefined) => void): void {
  let isLoading = false;
  let isStale = false;

  async function load(): Promise<void> {
    isStale = true;
    if (isLoading) return;
    isLoading = true;
    while (isStale) {
      isStale = false;
      // After a failure the next connection loads again.
      onSnapshot(await snapshotOf(client).catch(() => undefined));
    }
    isLoading = false;
  }

  for (const change of CHANGES) client.on(change, () => void load());
  client.onStatus(status => {
    if (status === 'connected') void load();
    else onSnapshot(undefined);
  });
  void load();
}

async function snapshotOf(client: KeepaliveClient): Promise<Snapshot> {
  const [sessions, notices, plugins] = await Promise.all([
    client.request('session/list'),
    client.request('notice/list'),
    client.request('plugin/list'),
  ]);
  return { sessions, notices, hasPage: plugins.some(({ module, status }) => module === PAGE && status === 'loaded') };
}
