import type { Channel } from './channel.ts';
import { createClient, type KeepaliveClient } from './create-client.ts';
import { KeepaliveError } from './errors.ts';
import { locateHome } from './home.ts';
import { readPlainFile } from './plain-file.ts';
import type { Endpoint } from './rpc.ts';

export { createClient, type ConnectionStatus, type KeepaliveClient } from './create-client.ts';

export type ConnectOptions = {
  /** The file that says where the kernel is. Defaults to the one of this instance's home. */
  readonly endpointFile?: string | undefined;
  /** Keeps trying after the connection was lost, also with a kernel that was started anew. [false] */
  readonly reconnect?: boolean | undefined;
  /** Time limit of a request in milliseconds. [180000: a refresh answers when its attempt has settled] */
  readonly timeoutMs?: number | undefined;
};

/** Connects to the running kernel. Rejects with `KA_RPC_NO_DAEMON` where none answers. */
export async function connect(options: ConnectOptions = {}): Promise<KeepaliveClient> {
  const { endpointFile = locateHome().endpoint, reconnect = false, timeoutMs } = options;
  const open = async () => openSocket(await readEndpoint(endpointFile));
  return createClient(await open(), { timeoutMs, reopen: reconnect ? open : undefined });
}

/** What the endpoint file says. Rejects with `KA_RPC_NO_DAEMON` where there is none, or none that can be used. */
export async function readEndpoint(file: string): Promise<Endpoint> {
  try {
    const endpoint: unknown = JSON.parse((await readPlainFile(file, MAX_ENDPOINT_BYTES)).toString('utf8'));
    if (isEndpoint(endpoint)) return endpoint;
  } catch (error) {
    throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file }, error);
  }
  throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file });
}

const MAX_ENDPOINT_BYTES = 64 * 1024;
/** What can be a header. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Whether one can knock there: not whether anybody opens. */
function isEndpoint(value: unknown): value is Endpoint {
  if (!isRecord(value)) return false;
  const { url, token } = value;
  return typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'ws:' && typeof token === 'string' && TOKEN.test(token);
}

/** A kernel at whose door very many push in drops us before it has heard us; it hears one of these. */
const KNOCKS = 10;

async function openSocket(endpoint: Endpoint, knocks = KNOCKS): Promise<Channel> {
  const { url, token } = endpoint;
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, handshakeTimeout: 5_000 });
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    socket.once('open', () => resolve(undefined));
    socket.once('error', resolve);
  });
  if (failure?.code === 'ECONNRESET' && knocks > 1) return openSocket(endpoint, knocks - 1);
  if (failure) throw new KeepaliveError('KA_RPC_NO_DAEMON', { url }, failure);
  socket.on('error', () => socket.terminate());
  return {
    send: message => socket.send(JSON.stringify(message)),
    onMessage: listener => void socket.on('message', data => listener(JSON.parse(String(data)))),
    onClose: listener => void socket.once('close', listener),
    close: () => socket.close(),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
