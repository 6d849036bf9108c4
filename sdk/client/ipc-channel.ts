import type { ChildProcess } from 'node:child_process';
import type { Channel } from './channel.ts';

/** The traffic with a child process over its IPC channel. */
export const ipcChannel = (child: ChildProcess): Channel => ({
  // One that is gone is told of by `onClose`; without a callback it would be an error that nobody catches.
  send: message => void child.send(message as object, () => undefined),
  onMessage: listener => void child.on('message', listener),
  onClose: listener => void child.once('disconnect', listener),
  close: () => {
    if (child.connected) child.disconnect();
  },
});

/** The process that started this one, over its IPC channel. */
export const parentChannel = (): Channel => ({
  // As above: one that has gone is told of by `onClose`.
  send: message => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
  onMessage: listener => void process.on('message', listener),
  onClose: listener => void process.once('disconnect', listener),
  close: () => process.disconnect?.(),
});
