import type { Channel } from './channel.ts';
import { createClient, type KeepaliveClient } from './create-client.ts';
import { portOf, readEndpoint } from './endpoint.ts';
import { KeepaliveError } from '../contract/errors.ts';
import { findKernel, TRIES, type KernelSearch } from './find-kernel.ts';
import { locateHome } from '../system/home.ts';
import type { Endpoint } from '../contract/rpc.ts';

export { readEndpoint } from './endpoint.ts';
export { createClient, type ConnectionStatus, type KeepaliveClient } from './create-client.ts';

export type ConnectOptions = {
  /** The kernel's endpoint file. [the one in this instance's home] */
  readonly endpointFile?: string | undefined;
  /** Keeps trying after the connection was lost, also with a kernel that was restarted. [false] */
  readonly reconnect?: boolean | undefined;
  /** Time limit of a request in milliseconds. [180000: a refresh answers when its attempt has settled] */
  readonly timeoutMs?: number | undefined;
};

/**
 * Connects to the running kernel, once it has proven that it has the token. Rejects with `KA_RPC_NO_DAEMON` if none
 * answers, and with `KA_RPC_OUTDATED` if one of an older version does.
 */
export async function connect(options: ConnectOptions = {}): Promise<KeepaliveClient> {
  const { endpointFile = locateHome().endpoint, reconnect = false, timeoutMs } = options;
  const open = async () => openSocket(await readEndpoint(endpointFile));
  return createClient(await open(), { timeoutMs, reopen: reconnect ? open : undefined });
}

/** How long the kernel may take for its proof, and again until the connection is open. */
const LIMIT_MS = 5_000;

async function openSocket(endpoint: Endpoint, tries = TRIES): Promise<Channel> {
  const { url } = endpoint;
  const found = await findKernel(endpoint, LIMIT_MS);
  if (found.is !== 'kernel') throw refusalOf(found, endpoint);
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(url, {
    headers: { authorization: `Proof ${found.credential}` },
    handshakeTimeout: LIMIT_MS,
  });
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    socket.once('open', () => resolve(undefined));
    socket.once('error', resolve);
  });
  if (failure?.code === 'ECONNRESET' && tries > 1) return openSocket(endpoint, tries - 1);
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
