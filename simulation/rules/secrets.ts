import type { Place } from '../scene/life.ts';
import type { FolderNode } from '../world/disk.ts';

const TOKEN = /(access|refresh)-[\w-]{24}/g;

/** A file with a token that must not have one, as a sentence; undefined if there is none. */
export function findSecret({ machine, logins }: Place, secrets: ReadonlySet<string>): string | undefined {
  for (const { path, text } of filesIn(machine.disk.root, '')) {
    const isStore =
      logins.some(({ file }) => path === file || path.startsWith(`${file}.tmp`)) ||
      path.includes('/journal/') ||
      /\/\.\w+\.json\.keepalive-/.test(path);
    if (isStore) continue;
    for (const [found] of text.matchAll(TOKEN)) if (secrets.has(found)) return `A token is in ${path}.`;
  }
  return undefined;
}

function* filesIn(folder: FolderNode, path: string): Generator<{ readonly path: string; readonly text: string }> {
  for (const [name, node] of folder.entries) {
    const at = `${path}/${name}`;
    if (node.kind === 'folder') yield* filesIn(node, at);
    if (node.kind === 'file') yield { path: at, text: node.bytes.toString('latin1') };
  }
}
