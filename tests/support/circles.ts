/** Maps each file or folder to those that it imports. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The groups whose members import one another, sorted: Tarjan's strongly connected components with more than one
 * member.
 */
export function circlesIn(imports: Imports): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];

  const visit = (node: string): number => {
    const own = order.size;
    order.set(node, own);
    lowest.set(node, own);
    path.push(node);
    for (const next of imports.get(node) ?? []) {
      const reached = order.has(next) ? (path.includes(next) ? order.get(next) : undefined) : visit(next);
      lowest.set(node, Math.min(lowest.get(node) ?? own, reached ?? own));
    }
    if (lowest.get(node) === own) {
      const members = path.splice(path.indexOf(node)).toSorted();
      if (members.length > 1) found.push(members);
    }
    return lowest.get(node) ?? own;
  };

  for (const node of imports.keys()) if (!order.has(node)) visit(node);
  return found.toSorted();
}

/** The imports between folders, without those inside a folder. */
export function foldersOf(imports: Imports, folderOf: (file: string) => string): Imports {
  const folders = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const own = folders.get(folderOf(file)) ?? new Set<string>();
    folders.set(folderOf(file), own);
    for (const target of targets) if (folderOf(target) !== folderOf(file)) own.add(folderOf(target));
  }
  return folders;
}
