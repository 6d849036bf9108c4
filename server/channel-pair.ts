import type { Channel } from '../sdk/client/channel.ts';

/** Both ends of a channel within this process. Messages arrive in order and are not copied, so they must not change. */
export function channelPair(): readonly [Channel, Channel] {
  const [one, other] = [new End(), new End()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class End implements Channel {
  peer: End | undefined;
  #listener: (message: unknown) => void | Promise<void> = () => undefined;
  readonly #closeListeners: (() => void)[] = [];

  /** The listener runs later, so that an error in it is not the sender's. */
  send(message: unknown): void {
    const { peer } = this;
    if (peer) queueMicrotask(() => void peer.#listener(message));
  }

  onMessage(listener: (message: unknown) => void | Promise<void>): void {
    this.#listener = listener;
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  /** What was sent before still arrives. */
  close(): void {
    const { peer } = this;
    if (!peer) return;
    this.peer = undefined;
    peer.peer = undefined;
    for (const listener of [...this.#closeListeners, ...peer.#closeListeners]) queueMicrotask(listener);
  }
}
