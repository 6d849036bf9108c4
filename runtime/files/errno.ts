import { KeepaliveError } from '../../sdk/contract/errors.ts';

/** The system's name of what went wrong, e.g. `ENOSPC`. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));

/** The machine or our own limits are out of files, memory or processes. */
export const isExhausted = (code: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'ERR_MEMORY_ALLOCATION_FAILED'].includes(String(code));

/** Does what a file needs to be replaced; what the system refuses becomes `KA_STORE_UNWRITABLE`. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new KeepaliveError('KA_STORE_UNWRITABLE', { path, reason: errnoOf(error) }, error);
  }
}
