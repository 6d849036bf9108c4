import type { Access } from '../contract/access.ts';
import type { KeepaliveError } from '../contract/errors.ts';
import { createClient, type KeepaliveClient } from './create-client.ts';
import { readEndpoint } from './endpoint.ts';
import { locateHome } from '../system/home.ts';

export { API_VERSION } from '../contract/api-version.ts';
export { ERROR_CODES, isKeepaliveError, KeepaliveError, type ErrorCode } from '../contract/errors.ts';
export type { Access } from '../contract/access.ts';
export { readEndpoint } from './endpoint.ts';
export { createClient, type ConnectionStatus, type KeepaliveClient } from './create-client.ts';

export type ConnectOptions = {
  /** The kernel's endpoint file. [the one in this instance's home] */
  readonly endpointFile?: string | undefined;
  /** Connects again after the connection was lost, also to a kernel that was restarted. [false] */
  readonly reconnect?: boolean | undefined;
  /** If there is no kernel, waits until one has started. [false] */
  readonly wait?: boolean | undefined;
  /** Ends that wait: the promise rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Called during a wait, also for a connection that was lost, with the reason why no kernel answers. */
  readonly onAbsent?: ((reason: KeepaliveError) => void) | undefined;
  /** `read`: the client can change nothing. Other methods than those that read are not found. [full] */
  readonly access?: Access | undefined;
  /** Time limit of a request in milliseconds. [180000: a refresh answers when its attempt has settled] */
  readonly timeoutMs?: number | undefined;
};

/**
 * Connects to the running kernel, once it has proven that it has the token. Rejects with `KA_RPC_NO_DAEMON` if none
 * answers, and with `KA_RPC_OUTDATED` if one of an older version does.
 */
export async function connect(options: ConnectOptions = {}): Promise<KeepaliveClient> {
  const { endpointFile = locateHome().endpoint, reconnect, wait, signal, onAbsent, access, timeoutMs } = options;
  const open = async () => {
    const endpoint = await readEndpoint(endpointFile);
    // Without a daemon, as is often so, nothing is loaded that only a connection needs.
    const { openSocket } = await import('./open-socket.ts');
    return openSocket(endpoint, access);
  };
  const openPatiently = async (until?: AbortSignal) => {
    const { openOnceThere } = await import('./await-kernel.ts');
    return openOnceThere(open, endpointFile, { signal: until, onAbsent });
  };
  const first = await (wait ? openPatiently(signal) : open());
  return createClient(first, { timeoutMs, reopen: reconnect ? openPatiently : undefined });
}
