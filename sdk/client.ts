import { readFile } from 'node:fs/promises';
import { isJSONRPCResponse, JSONRPCClient, JSONRPCErrorException } from 'json-rpc-2.0';
import type { Channel } from './channel.ts';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from './errors.ts';
import { locateHome } from './home.ts';
import type { Cleanup } from './provider.ts';
import type { Endpoint, RpcMethod, RpcMethods, RpcNotification, RpcNotifications, RpcResult } from './rpc.ts';

export type ConnectionStatus = 'connected' | 'lost';

/** A connection to a kernel. */
export interface KeepaliveClient {
  /** Asks the kernel. Rejects with a KeepaliveError: the kernel's own, `KA_RPC_CONNECTION_LOST`, or `KA_RPC_TIMEOUT`. */
  request<M extends RpcMethod>(method: M, ...params: Parameters<RpcMethods[M]>): Promise<RpcResult<M>>;
  /** Listens to an announcement of the kernel. */
  on<N extends RpcNotification>(notification: N, listener: RpcNotifications[N]): Cleanup;
  /** Told when the connection is lost and, with `reconnect`, when it is there again. */
  onStatus(listener: (status: ConnectionStatus) => void): Cleanup;
  close(): void;
}

export type ConnectOptions = {
  /** The file that says where the kernel is. Defaults to the one of this instance's home. */
  readonly endpointFile?: string | undefined;
  /** Keeps trying after the connection was lost, also with a kernel that was started anew. [false] */
  readonly reconnect?: boolean | undefined;
  /** Time limit of a request in milliseconds. [180000: a refresh answers when its attempt has settled] */
  readonly timeoutMs?: number | undefined;
};

const RECONNECT_MS = 1_000;

/** Connects to the running kernel. Rejects with `KA_RPC_NO_DAEMON` where none answers. */
export async function connect(options: ConnectOptions = {}): Promise<KeepaliveClient> {
  const { endpointFile = locateHome().endpoint, reconnect = false, timeoutMs } = options;
  const open = async () => openSocket(await readEndpoint(endpointFile));
  return createClient(await open(), { timeoutMs, reopen: reconnect ? open : undefined });
}

/** A client over a channel that is open already. */
export function createClient(
  first: Channel,
  { timeoutMs = 180_000, reopen }: { readonly timeoutMs?: number | undefined; readonly reopen?: (() => Promise<Channel>) | undefined } = {},
): KeepaliveClient {
  const notified = new Map<string, Set<(params: never) => void>>();
  const statusListeners = new Set<(status: ConnectionStatus) => void>();
  let channel: Channel | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  const rpc = new JSONRPCClient(request => {
    if (!channel) throw new KeepaliveError('KA_RPC_CONNECTION_LOST');
    channel.send(request);
  });

  function attach(next: Channel): void {
    channel = next;
    next.onMessage(message => {
      if (isJSONRPCResponse(message)) return rpc.receive(message);
      if (!isRecord(message) || typeof message['method'] !== 'string') return;
      for (const listener of notified.get(message['method']) ?? []) listener(message['params'] as never);
    });
    next.onClose(() => {
      channel = undefined;
      rpc.rejectAllPendingRequests(CONNECTION_LOST);
      if (closed) return;
      for (const listener of statusListeners) listener('lost');
      if (reopen) scheduleReopen(reopen);
    });
  }

  function scheduleReopen(open: () => Promise<Channel>): void {
    retry = setTimeout(() => {
      open().then(next => {
        if (closed) return void next.close();
        attach(next);
        for (const listener of statusListeners) listener('connected');
      }, () => {
        if (!closed) scheduleReopen(open);
      });
    }, RECONNECT_MS);
  }

  attach(first);
  return {
    async request(method, ...params) {
      try {
        return await withTimeout(rpc.request(method, params[0] ?? {}), timeoutMs, method);
      } catch (error) {
        throw toKeepaliveError(error);
      }
    },
    on: (notification, listener) => addTo(notified, notification, listener),
    onStatus(listener) {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(retry);
      void channel?.close();
    },
  };
}

/** What the endpoint file says. Rejects with `KA_RPC_NO_DAEMON` where there is none, or none that can be used. */
export async function readEndpoint(file: string): Promise<Endpoint> {
  try {
    const endpoint: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isRecord(endpoint) && typeof endpoint['url'] === 'string' && typeof endpoint['token'] === 'string') return endpoint as Endpoint;
  } catch (error) {
    throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file }, error);
  }
  throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file });
}

async function openSocket({ url, token }: Endpoint): Promise<Channel> {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, handshakeTimeout: 5_000 });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', error => reject(new KeepaliveError('KA_RPC_NO_DAEMON', { url }, error)));
  });
  socket.on('error', () => socket.terminate());
  return {
    send: message => socket.send(JSON.stringify(message)),
    onMessage: listener => void socket.on('message', data => listener(JSON.parse(String(data)))),
    onClose: listener => void socket.once('close', listener),
    close: () => socket.close(),
  };
}

const CONNECTION_LOST = 'connection lost';

function toKeepaliveError(error: unknown): unknown {
  if (error instanceof JSONRPCErrorException && isRecord(error.data) && ERROR_CODES.includes(error.data['code'] as ErrorCode)) {
    return new KeepaliveError(error.data['code'] as ErrorCode, isRecord(error.data['details']) ? error.data['details'] : {});
  }
  if (error instanceof Error && error.message === CONNECTION_LOST) return new KeepaliveError('KA_RPC_CONNECTION_LOST');
  return error;
}

function withTimeout<T>(promise: PromiseLike<T>, timeoutMs: number, method: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new KeepaliveError('KA_RPC_TIMEOUT', { method, timeoutMs })), timeoutMs);
    const settle = <V>(done: (value: V) => void) => (value: V) => {
      clearTimeout(timer);
      done(value);
    };
    promise.then(settle(resolve), settle(reject));
  });
}

function addTo<K, L>(listeners: Map<K, Set<L>>, key: K, listener: L): Cleanup {
  const set = listeners.get(key) ?? new Set<L>();
  listeners.set(key, set.add(listener));
  return () => void set.delete(listener);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
