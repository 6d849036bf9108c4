/** The system's error code, such as `ENOSPC`. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));

/** The machine, or a limit of ours, has run out of files, memory or processes. */
export const isExhausted = (code: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'ERR_MEMORY_ALLOCATION_FAILED'].includes(String(code));
