import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { requestOverview } from '../../../sdk/client/follow.ts';
import type { KernelInfo } from '../../../sdk/contract/rpc.ts';
import { toolsOf } from '../render/tools.ts';
import type { ShownOverview } from '../render/digest.ts';

type LoadedOverview = ShownOverview & { readonly daemon: KernelInfo };

/** What `status` shows, as of now. */
export async function overviewOf(client: KeepaliveClient): Promise<LoadedOverview> {
  const [overview, daemon] = await Promise.all([requestOverview(client), client.request('kernel/info')]);
  const tools = overview.sessions.length > 0 ? [] : await toolsOf(client);
  return { ...overview, daemon, tools };
}
