import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** A file system without birth times cannot tell a lock from the one that was there before. */
const hasMemory = existsSync(MEMORY) && statSync(MEMORY, { bigint: true }).birthtimeNs > 0n;

/** A folder in memory if there is one: the code syncs each file, and no replay loses power. */
export const scratchFolder = (): string => mkdtempSync(join(hasMemory ? MEMORY : tmpdir(), 'keepalive-replay-'));
