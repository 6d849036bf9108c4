import { isJSONRPCResponse, JSONRPCClient, JSONRPCErrorException } from 'json-rpc-2.0';
import type { Channel } from './channel.ts';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from '../contract/errors.ts';
import type { Cleanup } from '../base/cleanup.ts';
import { isRecord } from '../base/json.ts';
import type { RpcMethod, RpcMethods, RpcNotification, RpcNotifications, RpcResult } from '../contract/rpc.ts';

export type ConnectionStatus = 'connected' | 'lost';

/** A connection to a kernel. */
export interface KeepaliveClient {
  /** Where the kernel serves its page, as the channel says. */
  readonly origin: string | undefined;
  /** Asks the kernel. Rejects with a KeepaliveError: the kernel's own, `KA_RPC_CONNECTION_LOST`, or `KA_RPC_TIMEOUT`. */
  request<M extends RpcMethod>(method: M, ...params: Parameters<RpcMethods[M]>): Promise<RpcResult<M>>;
  /** Listens to an announcement of the kernel. */
  on<N extends RpcNotification>(notification: N, listener: RpcNotifications[N]): Cleanup;
  /** Told when the connection is lost and, with `reconnect`, when it is there again. */
  onStatus(listener: (status: ConnectionStatus) => void): Cleanup;
  close(): void;
}

const RECONNECT_MS = 1_000;

/** A client over a channel that is open already. */
export function createClient(
  first: Channel,
  {
    timeoutMs = 180_000,
    reopen,
  }: { readonly timeoutMs?: number | undefined; readonly reopen?: (() => Promise<Channel>) | undefined } = {},
): KeepaliveClient {
  const notified = new Map<string, Set<(params: never) => void>>();
  const statusListeners = new Set<(status: ConnectionStatus) => void>();
  let channel: Channel | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
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
      open().then(
        next => {
          if (closed) return void next.close();
          attach(next);
          for (const listener of statusListeners) listener('connected');
        },
        () => {
          if (!closed) scheduleReopen(open);
        },
      );
    }, RECONNECT_MS);
  }

  attach(first);
  return {
    get origin() {
      return channel?.origin;
    },
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

const CONNECTION_LOST = 'connection lost';

function toKeepaliveError(error: unknown): unknown {
  if (
    error instanceof JSONRPCErrorException &&
    isRecord(error.data) &&
    ERROR_CODES.includes(error.data['code'] as ErrorCode)
  ) {
    return new KeepaliveError(
      error.data['code'] as ErrorCode,
      isRecord(error.data['details']) ? error.data['details'] : {},
    );
  }
  if (error instanceof Error && error.message === CONNECTION_LOST) return new KeepaliveError('KA_RPC_CONNECTION_LOST');
  return error;
}

function withTimeout<T>(promise: PromiseLike<T>, timeoutMs: number, method: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new KeepaliveError('KA_RPC_TIMEOUT', { method, timeoutMs })), timeoutMs);
    const settle =
      <V>(done: (value: V) => void) =>
      (value: V) => {
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
