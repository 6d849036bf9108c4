import type { KeepaliveClient } from '../../../../sdk/client/create-client.ts';
import { isKeepaliveError, type KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { clause } from '../../../../sdk/wording/sentence.ts';
import type { Snapshot } from './model.ts';

/** The warm-ups. An older daemon knows none, and a damaged file does not keep the rest of the page from loading. */
export async function readWarmUps(request: KeepaliveClient['request']): Promise<Snapshot['warmUps']> {
  try {
    return await request('warmup/list', {});
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    if (error.code === 'KA_RPC_METHOD_NOT_FOUND') return undefined;
    if (error.code !== 'KA_RPC_CONNECTION_LOST') return describe(error);
    throw error;
  }
}

/** The file, if it is known. */
function describe({ message, details: { path, reason } }: KeepaliveError): string {
  return typeof path === 'string' && typeof reason === 'string'
    ? `${path} cannot be read: ${clause(reason)}.`
    : message;
}
