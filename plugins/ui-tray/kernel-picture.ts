import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { RpcNotification } from '../../sdk/contract/rpc.ts';
import type { Picture } from './menu.ts';

const NEWS: readonly RpcNotification[] = [
  'session/didChange',
  'notice/didRaise',
  'notice/didClear',
  'config/didChange',
];

/** The built-in that shows the settings page. */
const PAGE = 'ui-web';

/** Tells what the kernel says, now and at every change; undefined while it does not answer. */
export function followKernel(client: KeepaliveClient, tell: (picture: Picture | undefined) => void): void {
  let looking = false;
  let stale = false;

  async function look(): Promise<void> {
    stale = true;
    if (looking) return;
    looking = true;
    while (stale) {
      stale = false;
      try {
        tell(await pictureOf(client));
      } catch {
        // When it is there again, it is looked at again.
        tell(undefined);
      }
    }
    looking = false;
  }

  for (const news of NEWS) client.on(news, () => void look());
  client.onStatus(status => {
    if (status === 'connected') void look();
    else tell(undefined);
  });
  void look();
}

async function pictureOf(client: KeepaliveClient): Promise<Picture> {
  const [sessions, notices, plugins] = await Promise.all([
    client.request('session/list'),
    client.request('notice/list'),
    client.request('plugin/list'),
  ]);
  return { sessions, notices, hasPage: plugins.some(({ module, status }) => module === PAGE && status === 'loaded') };
}
