import { lstat } from 'node:fs/promises';
import { KeepaliveError } from '../contract/errors.ts';
import { readPlainFile } from '../system/plain-file.ts';
import type { Endpoint } from '../contract/rpc.ts';

const MAX_ENDPOINT_BYTES = 64 * 1024;
/** Characters that a header may contain. */
const TOKEN = /^[\x21-\x7e]+$/;
const ADDRESS = /^ws:\/\/127\.0\.0\.1:(\d{1,5})\/rpc$/;

/** Who may be able to read the file: `private` is its owner alone. */
type Readers = 'private' | 'any';

/** Reads the endpoint file. Rejects with `KA_RPC_NO_DAEMON` if there is none, or none that can be trusted. */
export async function readEndpoint(file: string, readers: Readers = 'private'): Promise<Endpoint> {
  try {
    const distrust = await distrustOf(file, readers);
    if (distrust !== undefined) throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file, reason: distrust });
    const endpoint: unknown = JSON.parse((await readPlainFile(file, MAX_ENDPOINT_BYTES)).toString('utf8'));
    if (isEndpoint(endpoint)) return endpoint;
  } catch (error) {
    if (error instanceof KeepaliveError) throw error;
    throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file }, error);
  }
  throw new KeepaliveError('KA_RPC_NO_DAEMON', { endpointFile: file });
}

/** The port of an endpoint; undefined if its address cannot be a kernel's. */
export function portOf({ url }: Pick<Endpoint, 'url'>): number | undefined {
  const port = Number(ADDRESS.exec(url)?.[1]);
  return port > 0 && port < 65_536 ? port : undefined;
}

/** Why the file is not used. Its folder is private, so it does not change between this look and the read. */
async function distrustOf(file: string, readers: Readers): Promise<string | undefined> {
  const facts = await lstat(file);
  if (facts.isSymbolicLink()) return 'it is a link';
  if (process.geteuid === undefined) return undefined;
  if (facts.uid !== process.geteuid()) return 'it belongs to another user';
  if (readers === 'private' && (facts.mode & 0o077) !== 0)
    return 'other users may read it; `keepalive restart` writes a new one';
  return undefined;
}

function isEndpoint(value: unknown): value is Endpoint {
  if (typeof value !== 'object' || value === null || !('url' in value && 'token' in value && 'pid' in value))
    return false;
  const { url, token, pid } = value;
  if ('process' in value && typeof value.process !== 'string') return false;
  if ('readToken' in value && !isToken(value.readToken)) return false;
  if (typeof url !== 'string' || portOf({ url }) === undefined) return false;
  return isToken(token) && Number.isInteger(pid);
}

const isToken = (value: unknown): value is string => typeof value === 'string' && TOKEN.test(value);
