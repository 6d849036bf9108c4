import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { RpcNotification } from '../../sdk/contract/rpc.ts';
import type { Snapshot } from './model.ts';

const CHANGES: readonly RpcNotification[] = ['session/didChange', 'notice/didRaise', 'notice/didClear'];

/** The built-in plugin that serves the settings page. */
const PAGE = 'ui-web';

/** The part of a snapshot that takes the daemon a look at every tool and at the desktop. */
type Surroundings = Pick<Snapshot, 'tools' | 'notifiers'> & { readonly ids: string };

/** Calls back with a snapshot of the kernel now and after every change; with undefined while it does not answer. */
export function watchKernel(client: KeepaliveClient, onSnapshot: (snapshot: Snapshot | undefined) => void): void {
  let isLoading = false;
  let isStale = false;
  let known: Surroundings | undefined;

  async function snapshot(): Promise<Snapshot> {
    const { sessions, ...others } = await overviewOf(client);
    // A session comes or goes with a login, so only then can the tools differ.
    const ids = sessions.map(({ id }) => id).join(' ');
    if (known?.ids !== ids) known = { ids, ...(await surroundingsOf(client)) };
    const { tools, notifiers } = known;
    return { sessions, ...others, tools, notifiers };
  }

  async function load(): Promise<void> {
    isStale = true;
    if (isLoading) return;
    isLoading = true;
    while (isStale) {
      isStale = false;
      // After a failure the next connection loads again.
      onSnapshot(await snapshot().catch(() => undefined));
    }
    isLoading = false;
  }

  function loadAll(): void {
    known = undefined;
    void load();
  }

  for (const change of CHANGES) client.on(change, () => void load());
  client.on('config/didChange', loadAll);
  client.onStatus(status => {
    if (status === 'connected') loadAll();
    else onSnapshot(undefined);
  });
  void load();
}

async function overviewOf(client: KeepaliveClient): Promise<Omit<Snapshot, keyof Surroundings>> {
  const [sessions, notices, plugins] = await Promise.all([
    client.request('session/list'),
    client.request('notice/list'),
    client.request('plugin/list'),
  ]);
  const hasPage = plugins.some(({ module, status }) => module === PAGE && status === 'loaded');
  return { sessions, notices, plugins, hasPage };
}

async function surroundingsOf(client: KeepaliveClient): Promise<Omit<Surroundings, 'ids'>> {
  const [tools, notifiers] = await Promise.all([client.request('tool/list'), client.request('notifier/list')]);
  return { tools, notifiers };
}
