/** The system's error codes in words, to stand after a colon. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reports an error',
  EBUSY: 'another program uses it',
  ELOOP: 'it is a circle of links',
  EEXIST: 'it already exists',
  EADDRINUSE: 'another program uses it',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOMEM: 'out of memory',
  EAGAIN: 'too many processes',
};

/** A reason for the user: a system's code in words, anything else as it is. */
export function reasonInWords(reason: string): string {
  const words = Object.hasOwn(SYSTEM, reason) ? SYSTEM[reason] : networkReason({ code: reason });
  return words === undefined ? reason : `${words} (${reason})`;
}

/** Whether the user can end it by freeing space. */
export const isFull = (reason: string | undefined): boolean => reason === 'ENOSPC' || reason === 'EDQUOT';

type NetworkError = {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly errors?: unknown;
};

const NETWORK: Readonly<Record<string, (place: string) => string>> = {
  ENOTFOUND: place => `the address of ${place} was not found`,
  EAI_AGAIN: place => `the address of ${place} was not found`,
  EAI_FAIL: place => `the address of ${place} was not found`,
  ECONNREFUSED: place => `${place} refused the connection`,
  ECONNRESET: place => `${place} closed the connection`,
  ECONNABORTED: place => `${place} closed the connection`,
  EPIPE: place => `${place} closed the connection`,
  UND_ERR_SOCKET: place => `${place} closed the connection`,
  ETIMEDOUT: place => `${place} did not answer in time`,
  UND_ERR_CONNECT_TIMEOUT: place => `${place} did not answer in time`,
  UND_ERR_HEADERS_TIMEOUT: place => `${place} did not answer in time`,
  UND_ERR_BODY_TIMEOUT: place => `${place} did not answer in time`,
  EHOSTUNREACH: place => `there is no way to ${place}`,
  EHOSTDOWN: place => `${place} is down`,
  ENETUNREACH: () => 'there is no network',
  ENETDOWN: () => 'there is no network',
};

/** Why a server was not reached, to stand after a colon. Undefined if the error is not about a network. */
export function networkReason(error: object): string | undefined {
  const { code, name, message, hostname, address, port, errors }: NetworkError = error;
  const [first]: readonly unknown[] = Array.isArray(errors) ? errors : [];
  if (address === undefined && typeof first === 'object' && first !== null && 'address' in first)
    return networkReason({ ...first, ...('port' in first && { port: first.port }), code });
  // An error from another process has lost the members of the system's error.
  const [, named] = /^(?:getaddrinfo|connect) [A-Z_]+ (\S+)$/.exec(String(message)) ?? [];
  const host = [hostname, address, named].find(place => typeof place === 'string');
  const place =
    host === undefined ? 'the server' : port === undefined ? String(host) : `${String(host)}:${String(port)}`;
  if (typeof code === 'string' && Object.hasOwn(NETWORK, code)) return NETWORK[code]?.(place);
  return name === 'TimeoutError' ? `${place} did not answer in time` : undefined;
}
