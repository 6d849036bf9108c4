import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Registration } from './registration.ts';

/** What was written when it was installed; undefined where nothing is. */
export async function readDefinition({ file: { path, encoding } }: Registration): Promise<string | undefined> {
  try {
    return await readFile(path, encoding);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeDefinition({ file: { path, text, encoding } }: Registration): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { encoding, mode: 0o600 });
}

/** Removes it, and the folders that are empty without it. */
export async function removeDefinition({ file: { path }, base }: Registration): Promise<void> {
  await rm(path, { force: true });
  for (let folder = dirname(path); folder.length > base.length; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
