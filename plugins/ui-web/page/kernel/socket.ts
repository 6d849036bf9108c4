import type { Channel } from '../../../../sdk/client/channel.ts';
import { proveEachOther, Refused } from './recognize.ts';

/** Opens the channel beside this page. Rejects with `Refused` if another try is of no use. */
export async function openChannel(): Promise<Channel> {
  const proof = await proveEachOther();
  const address = new URL('rpc', location.href);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, ['keepalive.v1', `page.${proof}`]);
  const isOpen = await new Promise<boolean>(resolve => {
    socket.addEventListener('open', () => resolve(true), { once: true });
    socket.addEventListener('close', () => resolve(false), { once: true });
  });
  // A browser does not say why a socket was refused, so the page itself is requested.
  if (!isOpen) throw (await pageStatus()) === 401 ? new Refused() : new Error('No daemon answers.');
  return {
    send: message => socket.send(JSON.stringify(message)),
    onMessage: listener => socket.addEventListener('message', ({ data }) => listener(JSON.parse(String(data)))),
    onClose: listener => socket.addEventListener('close', listener, { once: true }),
    close: () => socket.close(),
  };
}

const pageStatus = (): Promise<number> =>
  fetch(location.href, { method: 'HEAD' }).then(
    ({ status }) => status,
    () => 0,
  );
