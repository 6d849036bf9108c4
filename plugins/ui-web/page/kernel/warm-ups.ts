import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Request } from './live.ts';
import type { Snapshot } from './model.ts';

const METHOD_NOT_FOUND = -32_601;

/** The warm-ups. An older daemon knows none, and a damaged file does not keep the rest of the page from loading. */
export async function readWarmUps(request: Request): Promise<Snapshot['warmUps']> {
  try {
    return await request('warmup/list', {});
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === METHOD_NOT_FOUND) return undefined;
    if (isKeepaliveError(error) && error.code !== 'KA_RPC_CONNECTION_LOST') return error.message;
    throw error;
  }
}
