import type { Socket } from 'node:net';

/** More than the system queues at the door (511), so that who comes with the key is heard before later ones push it out. */
const MAX_STRANGERS = 512;

/** Connections that have not shown the key. Any program of this machine can open them, so only so many are held: one more drops the oldest. */
export class Strangers {
  readonly #sockets = new Set<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => void this.#sockets.delete(socket));
    const [oldest] = this.#sockets;
    if (this.#sockets.size > MAX_STRANGERS) oldest?.destroy();
  }

  /** It has shown the key, and is none any more. */
  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
