import { createJSONRPCErrorResponse, isJSONRPCResponse, JSONRPCClient, type JSONRPCID } from 'json-rpc-2.0';
import type { Channel } from './channel.ts';
import { OUR_RPC_CODE } from '../contract/errors.ts';
import type { Cleanup } from '../base/cleanup.ts';
import { isRecord } from '../base/json.ts';
import { CONNECTION_LOST, toKeepaliveError } from './rpc-error.ts';
import type {
  RpcErrorData,
  RpcMethod,
  RpcMethods,
  RpcNotification,
  RpcNotifications,
  RpcResult,
} from '../contract/rpc.ts';

export type ConnectionStatus = 'connected' | 'lost';

/** A connection to a kernel. */
export interface KeepaliveClient {
  /** Where the kernel serves its page, if the channel knows. */
  readonly origin: string | undefined;
  /** Calls a method. Every rejection is a KeepaliveError: the kernel's, or one whose code begins with `KA_RPC`. */
  request<M extends RpcMethod>(method: M, ...params: Parameters<RpcMethods[M]>): Promise<RpcResult<M>>;
  /** Listens to a notification of the kernel. */
  on<N extends RpcNotification>(notification: N, listener: RpcNotifications[N]): Cleanup;
  /** Listens to every notification, also to those that only a newer kernel has. */
  onNotification(listener: NotificationListener): Cleanup;
  /** Called when the connection is lost and, with `reconnect`, when it is restored. */
  onStatus(listener: (status: ConnectionStatus) => void): Cleanup;
  close(): void;
}

const RECONNECT_MS = 1_000;

type NotificationListener = (method: string, params: unknown) => void;
type Reopen = (until: AbortSignal) => Promise<Channel>;

type ClientOptions = {
  readonly timeoutMs?: number | undefined;
  /** Opens another channel. The signal is aborted when the client is closed. */
  readonly reopen?: Reopen | undefined;
};

/** A client over an open channel. */
export function createClient(first: Channel, { timeoutMs = 180_000, reopen }: ClientOptions = {}): KeepaliveClient {
  const listeners = new Map<string, Set<(params: never) => void>>();
  const allListeners = new Set<NotificationListener>();
  const connection = new Connection(reopen, (method, params) => {
    for (const listener of allListeners) listener(method, params);
    for (const listener of listeners.get(method) ?? []) listener(params as never);
  });
  connection.attach(first);
  return {
    get origin() {
      return connection.channel?.origin;
    },
    async request(method, ...params) {
      const data: RpcErrorData = { code: 'KA_RPC_TIMEOUT', details: { method, timeoutMs } };
      const timedOut = (id: JSONRPCID) => createJSONRPCErrorResponse(id, OUR_RPC_CODE, 'timeout', data);
      try {
        return await connection.rpc.timeout(timeoutMs, timedOut).request(method, params[0] ?? {});
      } catch (error) {
        throw toKeepaliveError(error, method);
      }
    },
    on(notification, listener) {
      const set = listeners.get(notification) ?? new Set();
      listeners.set(notification, set.add(listener));
      return () => void set.delete(listener);
    },
    onNotification(listener) {
      allListeners.add(listener);
      return () => void allListeners.delete(listener);
    },
    onStatus(listener) {
      connection.statusListeners.add(listener);
      return () => void connection.statusListeners.delete(listener);
    },
    close: () => connection.close(),
  };
}

/** The channel in use. With `reopen`, another one replaces it when it is lost. */
class Connection {
  readonly statusListeners = new Set<(status: ConnectionStatus) => void>();
  readonly rpc = new JSONRPCClient(request => {
    if (!this.channel) throw new Error(CONNECTION_LOST);
    this.channel.send(request);
  });
  channel: Channel | undefined;
  readonly #reopen: Reopen | undefined;
  readonly #onNotification: NotificationListener;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #closing = new AbortController();

  constructor(reopen: Reopen | undefined, onNotification: NotificationListener) {
    this.#reopen = reopen;
    this.#onNotification = onNotification;
  }

  attach(channel: Channel): void {
    this.channel = channel;
    channel.onMessage(message => {
      if (isJSONRPCResponse(message)) return this.rpc.receive(message);
      if (isRecord(message) && typeof message['method'] === 'string')
        this.#onNotification(message['method'], message['params']);
    });
    channel.onClose(() => {
      this.channel = undefined;
      this.rpc.rejectAllPendingRequests(CONNECTION_LOST);
      if (this.#closing.signal.aborted) return;
      this.#announce('lost');
      this.#scheduleReopen();
    });
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#retry);
    void this.channel?.close();
  }

  #scheduleReopen(): void {
    const reopen = this.#reopen;
    const { signal } = this.#closing;
    if (!reopen) return;
    this.#retry = setTimeout(() => {
      reopen(signal).then(
        channel => {
          if (signal.aborted) return void channel.close();
          this.attach(channel);
          this.#announce('connected');
        },
        () => {
          if (!signal.aborted) this.#scheduleReopen();
        },
      );
    }, RECONNECT_MS);
  }

  #announce(status: ConnectionStatus): void {
    for (const listener of this.statusListeners) listener(status);
  }
}
