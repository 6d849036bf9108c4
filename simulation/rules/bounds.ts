import type { Place } from '../scene/life.ts';
import type { FolderNode } from '../world/disk.ts';

/** A daemon with two sessions needs far less. */
const MAX_OPEN = 40;
const MAX_TEMPORARY = 6;

/** What has piled up, as a sentence; undefined if nothing has. */
export function findExcess({ machine, daemon }: Place): string | undefined {
  const { openFiles = 0 } = daemon.program ?? {};
  if (openFiles > MAX_OPEN) return `The daemon has ${openFiles} open files.`;
  const temporary = [...namesIn(machine.disk.root)].filter(name => name.includes('.keepalive-')).length;
  return temporary > MAX_TEMPORARY ? `${temporary} temporary files are on the disk.` : undefined;
}

function* namesIn(folder: FolderNode): Generator<string> {
  for (const [name, node] of folder.entries) {
    yield name;
    if (node.kind === 'folder') yield* namesIn(node);
  }
}
