import type { Cleanup } from '../base/cleanup.ts';

/** A two-way channel for JSON values: a WebSocket, a process's IPC channel, or two functions in a test. */
export interface Channel {
  /** Where the kernel at the other end serves its page: `http://127.0.0.1:PORT`. Absent if it serves none. */
  readonly origin?: string | undefined;
  send(message: unknown): void;
  /** The channel may hold back further messages until the listener's promise has settled. */
  onMessage(listener: (message: unknown) => void | Promise<void>): void;
  /** Called once, when the other side is gone. */
  onClose(listener: () => void): void;
  close: Cleanup;
}
