import type { ChildProcess } from 'node:child_process';
import type { Channel } from '../../sdk/channel.ts';

/** The traffic with a child process over its IPC channel. */
export const ipcChannel = (child: ChildProcess): Channel => ({
  send: message => void child.send(message as object),
  onMessage: listener => void child.on('message', listener),
  onClose: listener => void child.once('disconnect', listener),
  close: () => {
    if (child.connected) child.disconnect();
  },
});
