import type { Cleanup } from './provider.ts';

/** Two-way traffic of JSON values, over whatever carries it: a WebSocket, a process's IPC channel, two functions in a test. */
export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the other side is gone. */
  onClose(listener: () => void): void;
  close: Cleanup;
}
