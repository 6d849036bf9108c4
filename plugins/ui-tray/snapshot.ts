import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { followFleet, type Elsewhere } from '../../sdk/client/follow-fleet.ts';
import { follow, requestOverview } from '../../sdk/client/follow.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import type { Snapshot } from './model.ts';

/** The built-in plugin that serves the settings page. */
const PAGE = 'ui-web';

/** The part of a snapshot that takes the daemon a look at every tool and at the desktop. */
type Surroundings = Pick<Snapshot, 'tools' | 'notifiers'> & { readonly ids: string };

/** Calls back with a snapshot of the kernel now and after every change; with undefined while it does not answer. */
export function watchKernel(
  client: KeepaliveClient,
  now: () => Instant,
  onSnapshot: (snapshot: Snapshot | undefined) => void,
): void {
  let known: Surroundings | undefined;
  let last: Snapshot | undefined;
  let elsewhere: Elsewhere | undefined;
  const forget = () => {
    known = undefined;
  };

  async function snapshot(): Promise<Snapshot> {
    const overview = await requestOverview(client);
    const { sessions, plugins } = overview;
    // A session comes or goes with a login, so only then can the tools differ.
    const ids = sessions.map(({ id }) => id).join(' ');
    if (known?.ids !== ids) known = { ids, ...(await surroundingsOf(client)) };
    const { tools, notifiers } = known;
    const hasPage = plugins.some(({ module, status }) => module === PAGE && status === 'loaded');
    return { ...overview, hasPage, tools, notifiers };
  }

  client.on('config/didChange', forget);
  client.onStatus(forget);
  const show = (next: Snapshot | undefined) => {
    last = next;
    onSnapshot(next && { ...next, elsewhere });
  };
  follow(client, snapshot, show);
  followFleet(client, now, next => {
    elsewhere = next;
    if (last) show(last);
  });
}

async function surroundingsOf(client: KeepaliveClient): Promise<Omit<Surroundings, 'ids'>> {
  const [tools, notifiers] = await Promise.all([client.request('tool/list'), client.request('notifier/list')]);
  return { tools, notifiers };
}
