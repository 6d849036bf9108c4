import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { patiently } from './patient.ts';

/** For reading what may be a pipe. Windows has neither the flag nor such pipes. */
export const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const refusal = (path: string, code: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${what}, ${path}`), { code });

/** The content of a regular file. Throws for a pipe or a device: reading one could block a thread for good. */
export async function readPlainFile(path: string, maxBytes = Infinity): Promise<Buffer> {
  const handle = await patiently(() => open(path, WITHOUT_WAITING));
  try {
    const facts = await handle.stat();
    if (facts.isDirectory()) throw refusal(path, 'EISDIR', 'it is a folder');
    if (!facts.isFile()) throw refusal(path, 'EFTYPE', 'it is no file');
    if (facts.size > maxBytes) throw refusal(path, 'EFBIG', 'it is too large');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
