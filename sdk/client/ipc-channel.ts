import type { ChildProcess } from 'node:child_process';
import type { Channel } from './channel.ts';

/** A child process, over its IPC channel. */
export const ipcChannel = (child: ChildProcess): Channel => ({
  // `onClose` reports a process that has exited. Without a callback, `send` would throw an uncaught error.
  send: message => void child.send(message as object, () => undefined),
  onMessage: listener => void child.on('message', listener),
  onClose: listener => void child.once('disconnect', listener),
  close: () => {
    if (child.connected) child.disconnect();
  },
});

/** The process that started this one, over its IPC channel. */
export const parentChannel = (): Channel => ({
  // `onClose` reports a process that has exited, as above.
  send: message => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
  onMessage: listener => void process.on('message', listener),
  onClose: listener => void process.once('disconnect', listener),
  close: () => process.disconnect?.(),
});
