import type { Channel } from '../sdk/client/channel.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import type { Access } from '../sdk/contract/access.ts';
import type { RpcClient } from '../sdk/contract/rpc.ts';

/** Who makes a request: a client that has a token, by what it gives access to, or a settings page. */
export type Caller = Access | 'page';

export type Client = RpcClient & { readonly caller: Caller };

/** A client that sends one request, and gets one answer. */
export const passingClient = (caller: Caller): Client => ({
  caller,
  mayReturn: false,
  isHere: () => false,
  onGone: () => () => undefined,
});

/** A client with one connection, or a settings page with all of its connections. */
export class ConnectedClient implements Client {
  readonly #channels = new Set<Channel>();
  readonly #listeners = new Set<() => void>();
  #isGone = false;

  constructor(
    readonly caller: Caller,
    readonly mayReturn: boolean,
  ) {}

  readonly notify: NonNullable<RpcClient['notify']> = (method, params) => {
    for (const channel of this.#channels) channel.send({ jsonrpc: '2.0', method, params });
  };

  isHere(): boolean {
    return this.#channels.size > 0;
  }

  onGone(listener: () => void): Cleanup {
    if (this.#isGone) listener();
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  join(channel: Channel): void {
    this.#channels.add(channel);
    channel.onClose(() => {
      this.#channels.delete(channel);
      if (!this.mayReturn) this.leave();
    });
  }

  /** It may not return. */
  leave(): void {
    this.#isGone = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
