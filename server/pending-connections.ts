import type { Socket } from 'node:net';

/** More than the system queues at the door (511), so that who comes with the key is heard before later ones push it out. */
const MAX_STRANGERS = 512;
/** A connection has so long to be answered, or let in: nobody who says nothing, or not all, is waited for. */
const KNOCK_LIMIT_MS = 3_000;

/** Connections that have not shown the key. Any program of this machine can open them, so only so many are held, and not for long; one more drops the oldest. */
export class Strangers {
  readonly #limits = new Map<Socket, NodeJS.Timeout>();

  add(socket: Socket): void {
    this.#limits.set(
      socket,
      setTimeout(() => socket.destroy(), KNOCK_LIMIT_MS),
    );
    socket.once('close', () => this.delete(socket));
    const [oldest] = this.#limits.keys();
    if (this.#limits.size > MAX_STRANGERS) oldest?.destroy();
  }

  /** It has shown the key, and is none any more. */
  delete(socket: Socket): void {
    clearTimeout(this.#limits.get(socket));
    this.#limits.delete(socket);
  }
}
