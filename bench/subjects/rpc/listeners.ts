import { WebSocket } from 'ws';
import { now } from '../../measure/shared-clock.ts';
import type { Command, Report } from './crowd.ts';
import type { Address } from './servers.ts';

// A process with many clients that receive notifications, and end with their parent.

/** Connections that are opened at a time. A server may limit those that have not authenticated. */
const BATCH = 50;

let [clients, watched] = [0, ''];
let arrivals: number[] = [];
const report = (text: Report): void => void process.send?.(text);

process.on('message', async (command: Command) => {
  if ('watch' in command) {
    watched = `"${command.watch}"`;
    arrivals = [];
    return report('watching');
  }
  for (; clients < command.open; clients = Math.min(command.open, clients + BATCH))
    await Promise.all(
      Array.from({ length: Math.min(BATCH, command.open - clients) }, () => openClient(command.address)),
    );
  report('opened');
});
process.on('disconnect', () => process.exit());

/** Resolves when the server has seen that the client is there. */
function openClient({ url, headers, greeting }: Address): Promise<void> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      if (greeting !== undefined) socket.send(greeting);
      socket.ping();
    });
    socket.once('pong', () => resolve());
    socket.on('message', data => {
      const at = now();
      if (!String(data).includes(watched)) return;
      arrivals.push(at);
      if (arrivals.length === clients) report({ arrivals });
    });
  });
}
