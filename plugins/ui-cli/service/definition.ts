import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Registration } from './types.ts';

/** The definition that is installed; undefined if none is. */
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

/** Removes the definition, and the folders that become empty. */
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

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes text for an XML definition. */
export const xml = (text: string): string => text.replaceAll(/[&<>"]/g, character => ENTITIES[character] ?? character);
