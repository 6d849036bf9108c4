import { isJSONRPCResponse, JSONRPCClient, JSONRPCErrorException } from 'json-rpc-2.0';
import type { Channel } from './channel.ts';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from '../contract/errors.ts';
import type { Cleanup } from '../base/cleanup.ts';
import { isRecord } from '../base/json.ts';
import { withTimeout } from '../base/timeout.ts';
import type { RpcMethod, RpcMethods, RpcNotification, RpcNotifications, RpcResult } from '../contract/rpc.ts';

export type ConnectionStatus = 'connected' | 'lost';

/** A connection to a kernel. */
export interface KeepaliveClient {
  /** Where the kernel serves its page, if the channel knows. */
  readonly origin: string | undefined;
  /** Calls a method. Rejects with a KeepaliveError: the kernel's, `KA_RPC_CONNECTION_LOST` or `KA_RPC_TIMEOUT`. */
  request<M extends RpcMethod>(method: M, ...params: Parameters<RpcMethods[M]>): Promise<RpcResult<M>>;
  /** Listens to a notification of the kernel. */
  on<N extends RpcNotification>(notification: N, listener: RpcNotifications[N]): Cleanup;
  /** Called when the connection is lost and, with `reconnect`, when it is restored. */
  onStatus(listener: (status: ConnectionStatus) => void): Cleanup;
  close(): void;
}

const RECONNECT_MS = 1_000;

type ClientOptions = {
  readonly timeoutMs?: number | undefined;
  readonly reopen?: (() => Promise<Channel>) | undefined;
};

/** A client over an open channel. */
export function createClient(first: Channel, { timeoutMs = 180_000, reopen }: ClientOptions = {}): KeepaliveClient {
  const listeners = new Map<string, Set<(params: never) => void>>();
  const connection = new Connection(reopen, (method, params) => {
    for (const listener of listeners.get(method) ?? []) listener(params as never);
  });
  connection.attach(first);
  return {
    get origin() {
      return connection.channel?.origin;
    },
    async request(method, ...params) {
      try {
        const timedOut = () => new KeepaliveError('KA_RPC_TIMEOUT', { method, timeoutMs });
        return await withTimeout(() => connection.rpc.request(method, params[0] ?? {}), {
          ms: timeoutMs,
          what: timedOut,
        });
      } catch (error) {
        throw toKeepaliveError(error);
      }
    },
    on(notification, listener) {
      const set = listeners.get(notification) ?? new Set();
      listeners.set(notification, set.add(listener));
      return () => void set.delete(listener);
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
    if (!this.channel) throw new KeepaliveError('KA_RPC_CONNECTION_LOST');
    this.channel.send(request);
  });
  channel: Channel | undefined;
  readonly #reopen: (() => Promise<Channel>) | undefined;
  readonly #onNotification: (method: string, params: unknown) => void;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(reopen: (() => Promise<Channel>) | undefined, onNotification: (method: string, params: unknown) => void) {
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
      if (this.#closed) return;
      this.#announce('lost');
      this.#scheduleReopen();
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    void this.channel?.close();
  }

  #scheduleReopen(): void {
    const reopen = this.#reopen;
    if (!reopen) return;
    this.#retry = setTimeout(() => {
      reopen().then(
        channel => {
          if (this.#closed) return void channel.close();
          this.attach(channel);
          this.#announce('connected');
        },
        () => {
          if (!this.#closed) this.#scheduleReopen();
        },
      );
    }, RECONNECT_MS);
  }

  #announce(status: ConnectionStatus): void {
    for (const listener of this.statusListeners) listener(status);
  }
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
