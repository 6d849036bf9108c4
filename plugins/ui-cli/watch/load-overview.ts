import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { KernelInfo } from '../../../sdk/contract/rpc.ts';
import { toolsOf } from '../render/tools.ts';
import type { ShownOverview } from '../render/overview.ts';

type LoadedOverview = ShownOverview & { readonly daemon: KernelInfo };

/** What `status` shows, as of now. */
export async function overviewOf(client: KeepaliveClient): Promise<LoadedOverview> {
  const [sessions, plugins, notices, daemon] = await Promise.all([
    client.request('session/list'),
    client.request('plugin/list'),
    client.request('notice/list'),
    client.request('kernel/info'),
  ]);
  const tools = sessions.length > 0 ? [] : await toolsOf(client);
  return { sessions, plugins, notices, daemon, tools };
}
