import type { Channel } from '../../../../sdk/client/channel.ts';
import { createClient, type KeepaliveClient } from '../../../../sdk/client/create-client.ts';
import type { Notice } from '../../../../sdk/contract/session.ts';
import { followFleet } from './fleet.ts';
import { gather } from './gather.ts';
import type { Action, Connection, Snapshot } from './model.ts';
import { waitToRetry } from './patience.ts';
import { Refused, Stranger } from './recognize.ts';
import { openChannel } from './socket.ts';
import { throttled } from './throttled.ts';
import { readWarmUps } from './warm-ups.ts';

export type Request = KeepaliveClient['request'];
export type Dispatch = (action: Action) => void;

/** The server keeps about this many. The timeline needs a whole day. */
const HISTORY = 5_000;
const RETRY_MS = 1_000;
/** Too short to be seen. */
const TOGETHER_MS = 50;

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Connects to the kernel and dispatches every change, until the page is closed. If the kernel ends, the page follows
 * the next one at the same address, and reads everything again. Returns what sends the user's requests: the changes
 * that came before an answer are shown before it settles, so that no control falls back to its old value meanwhile.
 */
export async function connectToKernel(show: Dispatch): Promise<Request> {
  const { add: send, pass } = gather(show, TOGETHER_MS);
  // A snapshot may be older than a change that comes while it is read, so those changes are made again after it.
  const loading = new Set<Action[]>();
  const dispatch: Dispatch = action => {
    if (action.type !== 'connection') for (const changes of loading) changes.push(action);
    send(action);
  };
  const setConnection = (connection: Exclude<Connection, 'connecting'>, isTaken = false) =>
    dispatch({ type: 'connection', connection, at: Date.now(), isTaken });
  const ended = new AbortController();
  let client: KeepaliveClient | undefined;
  const open = async (): Promise<Channel> => {
    try {
      return await openChannel();
    } catch (error) {
      setConnection(error instanceof Refused ? 'ended' : 'lost', error instanceof Stranger);
      if (error instanceof Refused) {
        // No later try can succeed.
        ended.abort();
        client?.close();
      }
      throw error;
    }
  };
  const openPatiently = () => patiently(open);
  client = createClient(await openPatiently(), { reopen: openPatiently });
  const { request } = client;
  const load = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const changes: Action[] = [];
      loading.add(changes);
      try {
        const snapshot = await wholeSnapshot(request);
        loading.delete(changes);
        for (const action of [{ type: 'snapshot', snapshot } as const, ...changes]) send(action);
        return setConnection('live');
      } catch {
        loading.delete(changes);
        setConnection('lost');
        await pause(RETRY_MS);
      }
    }
  };
  subscribe(client, dispatch, load);
  client.onStatus(status => {
    if (status === 'lost') setConnection('lost');
    else void load();
  });
  await load();
  return (method, ...params) => request(method, ...params).finally(pass);
}

function subscribe(client: KeepaliveClient, dispatch: Dispatch, load: () => Promise<void>): void {
  const { request } = client;
  const replan = throttled(async () => {
    const [plan, config, info] = await Promise.all([
      request('session/plan', {}),
      request('config/show'),
      request('kernel/info'),
    ]);
    dispatch({ type: 'snapshot', snapshot: { plan, config, info } });
  });
  const seen = new Set<string>();
  const lookAround = throttled(async () => {
    const [info, plugins, tools] = await Promise.all([
      request('kernel/info'),
      request('plugin/list'),
      request('tool/list'),
    ]);
    dispatch({ type: 'snapshot', snapshot: { info, plugins, tools } });
  });
  void client.on('session/didChange', session => {
    dispatch({ type: 'session', session });
    replan();
    // A new session may keep a tool that was not kept before.
    if (!seen.has(session.id)) lookAround();
    seen.add(session.id);
  });
  const recount = throttled(async () =>
    dispatch({ type: 'snapshot', snapshot: { days: await request('session/days', {}) } }),
  );
  void client.on('session/didAttempt', attempt => {
    dispatch({ type: 'attempt', attempt });
    recount();
  });
  const noticed = (type: 'raised' | 'cleared') => (notice: Notice) => {
    dispatch({ type, notice });
    if (notice.code === 'plugin-failed' || notice.code === 'config-refused') lookAround();
  };
  void client.on('notice/didRaise', noticed('raised'));
  void client.on('notice/didClear', noticed('cleared'));
  const reread = throttled(async () =>
    dispatch({ type: 'snapshot', snapshot: { warmUps: await readWarmUps(request) } }),
  );
  void client.on('warmup/didRun', reread);
  void client.on('login/didChange', change => dispatch({ type: 'sign-in', change }));
  void client.on('config/didChange', throttled(load));
  // Apart from the snapshot, because a database may take a while.
  followFleet(client, fleet => dispatch({ type: 'fleet', fleet }));
}

async function patiently(open: () => Promise<Channel>): Promise<Channel> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      if (error instanceof Refused) throw error;
      await waitToRetry(tries);
    }
  }
}

async function wholeSnapshot(request: Request): Promise<Snapshot> {
  const [info, sessions, notices, attempts, plan, config, plugins, tools, notifiers, days, warmUps] = await Promise.all(
    [
      request('kernel/info'),
      request('session/list'),
      request('notice/list'),
      request('session/history', { limit: HISTORY }),
      request('session/plan', {}),
      request('config/show'),
      request('plugin/list'),
      request('tool/list'),
      request('notifier/list'),
      request('session/days', {}),
      readWarmUps(request),
    ],
  );
  const more = attempts.length === HISTORY;
  return { info, sessions, notices, attempts, more, plan, config, plugins, tools, notifiers, days, warmUps };
}
