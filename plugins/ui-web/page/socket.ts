import type { Channel } from '../../../sdk/client/channel.ts';

/** The daemon answers, but does not know this browser: it is another daemon than the one that let it in. */
export class NotLetIn extends Error {
  override readonly name = 'NotLetIn';
}

/** Opens the channel beside this page. Rejects with `NotLetIn` where trying again is of no use. */
export async function openChannel(): Promise<Channel> {
  const address = new URL('rpc', location.href);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, 'keepalive.v1');
  const open = await new Promise<boolean>(resolve => {
    socket.addEventListener('open', () => resolve(true), { once: true });
    socket.addEventListener('close', () => resolve(false), { once: true });
  });
  // A browser does not tell a page why a socket was refused; of the page itself it does.
  if (!open) throw (await pageStatus()) === 401 ? new NotLetIn() : new Error('No daemon answers.');
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
