import { WebSocket } from 'ws';
import type { Channel } from './channel.ts';
import { portOf } from './endpoint.ts';
import { KeepaliveError } from '../contract/errors.ts';
import { findKernel, TRIES, type KernelSearch } from './find-kernel.ts';
import type { Access } from '../contract/access.ts';
import type { Endpoint } from '../contract/rpc.ts';

/** How long the kernel may take for its proof, and again until the connection is open. */
const LIMIT_MS = 5_000;

/** Opens a connection to the kernel at an endpoint, once it has proven that it has the token for that access. */
export async function openSocket(endpoint: Endpoint, access: Access = 'full', tries = TRIES): Promise<Channel> {
  const { url } = endpoint;
  const found = await findKernel(endpoint, LIMIT_MS, access);
  if (found.is !== 'kernel') throw refusalOf(found, endpoint);
  const socket = new WebSocket(url, {
    headers: { authorization: `Proof ${found.credential}` },
    handshakeTimeout: LIMIT_MS,
  });
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    socket.once('open', () => resolve(undefined));
    socket.once('error', resolve);
  });
  if (failure?.code === 'ECONNRESET' && tries > 1) return openSocket(endpoint, access, tries - 1);
  if (failure) throw new KeepaliveError('KA_RPC_NO_DAEMON', { url }, failure);
  socket.on('error', () => socket.terminate());
  return {
    origin: `http://127.0.0.1:${portOf(endpoint)}`,
    send: message => socket.send(JSON.stringify(message)),
    onMessage: listener => void socket.on('message', data => listener(JSON.parse(String(data)))),
    onClose: listener => void socket.once('close', listener),
    close: () => socket.close(),
  };
}

function refusalOf(
  found: Exclude<KernelSearch, { readonly is: 'kernel' }>,
  { url, pid, version }: Endpoint,
): KeepaliveError {
  switch (found.is) {
    case 'outdated':
      return new KeepaliveError('KA_RPC_OUTDATED', { pid, version });
    case 'silent':
      return new KeepaliveError('KA_RPC_NO_DAEMON', { url, reason: `process ${pid} exists but does not answer` });
    case 'absent':
      return new KeepaliveError('KA_RPC_NO_DAEMON', { url, reason: found.reason, ended: found.ended }, found.cause);
  }
}
