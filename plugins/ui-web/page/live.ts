import type { Channel } from '../../../sdk/client/channel.ts';
import { createClient, type KeepaliveClient } from '../../../sdk/client/create-client.ts';
import type { News, Told } from './model.ts';
import { NotLetIn, openChannel } from './socket.ts';

export type Request = KeepaliveClient['request'];

/** The server keeps about this many; a timeline wants all of a day. */
const HISTORY = 5_000;
const RETRY_MS = 1_000;
/** One change seldom comes alone. */
const SETTLE_MS = 300;

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Follows the kernel and tells all news, for as long as the page is there. */
export async function follow(tell: (news: News) => void): Promise<KeepaliveClient> {
  const connected = (connection: 'live' | 'lost' | 'ended') => tell({ type: 'connection', connection, at: Date.now() });
  let client: KeepaliveClient | undefined;
  const ended = new AbortController();

  const open = async (): Promise<Channel> => {
    try {
      return await openChannel();
    } catch (error) {
      connected(error instanceof NotLetIn ? 'ended' : 'lost');
      if (!(error instanceof NotLetIn)) throw error;
      // Nothing gets better by itself: no more tries.
      ended.abort();
      client?.close();
      throw error;
    }
  };

  client = createClient(await patiently(open), { reopen: open });
  const { request } = client;
  const some = (told: Partial<Told>) => tell({ type: 'told', told });
  const load = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      try {
        some(await everything(request));
        return connected('live');
      } catch {
        connected('lost');
        await pause(RETRY_MS);
      }
    }
  };
  const replan = soon(async () =>
    some({ plan: await request('session/plan', {}), config: await request('config/show') }),
  );

  void client.on('session/didChange', session => {
    tell({ type: 'session', session });
    replan();
  });
  void client.on('session/didAttempt', attempt => tell({ type: 'attempt', attempt }));
  void client.on('notice/didRaise', notice => tell({ type: 'raised', notice }));
  void client.on('notice/didClear', notice => tell({ type: 'cleared', notice }));
  void client.on('config/didChange', soon(load));
  client.onStatus(status => {
    if (status === 'lost') connected('lost');
    else void load();
  });
  await load();
  return client;
}

async function patiently(open: () => Promise<Channel>): Promise<Channel> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (error instanceof NotLetIn) throw error;
      await pause(RETRY_MS);
    }
  }
}

async function everything(request: Request): Promise<Told> {
  const [info, sessions, notices, attempts, plan, config] = await Promise.all([
    request('kernel/info'),
    request('session/list'),
    request('notice/list'),
    request('session/history', { limit: HISTORY }),
    request('session/plan', {}),
    request('config/show'),
  ]);
  return { info, sessions, notices, attempts, more: attempts.length === HISTORY, plan, config };
}

/** Calls once, a moment after the last of many reasons to. */
function soon(call: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    // Where the connection is lost again, that is told by itself.
    timer = setTimeout(() => void call().catch(() => undefined), SETTLE_MS);
  };
}
