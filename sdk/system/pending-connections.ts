import type { Socket } from 'node:net';

// Limits of a server on loopback for clients that have not authenticated. Any program on this machine can connect.

/** Above the listen backlog (511), so authenticated clients aren't evicted by a flood. */
const MAX_PENDING = 512;
/** A connection has this long to send its request and get the answer, or to authenticate. */
const PENDING_LIMIT_MS = 3_000;

/** Connections that have not authenticated. Each is closed after a few seconds, and the oldest above the maximum. */
export class PendingConnections {
  readonly #limits = new Map<Socket, NodeJS.Timeout>();

  add(socket: Socket): void {
    this.#limits.set(
      socket,
      setTimeout(() => socket.destroy(), PENDING_LIMIT_MS),
    );
    socket.once('close', () => this.delete(socket));
    const [oldest] = this.#limits.keys();
    if (this.#limits.size > MAX_PENDING) oldest?.destroy();
  }

  /** The connection has authenticated or is closed. */
  delete(socket: Socket): void {
    clearTimeout(this.#limits.get(socket));
    this.#limits.delete(socket);
  }
}
