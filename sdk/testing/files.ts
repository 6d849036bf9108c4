import { KeepaliveError } from '../errors.ts';
import type { Files } from '../files.ts';
import { expandHome } from '../home.ts';

/** Files in memory. What a test does to them counts as another program's doing. */
export interface FakeFiles extends Files {
  /** Writes a file as another program would. */
  write(path: string, text: string): void;
  /** Removes a file as another program would. */
  remove(path: string): void;
  /** What was changed through the context, in order: `replace /home/you/x`, `lock /home/you/x.lock`, `journal key`. */
  readonly changes: readonly string[];
}

const resolve = (path: string) => expandHome(path, '/home/you');

/** Files in memory with the given texts by path. The user's home is `/home/you`. */
export function fakeFiles(texts: Readonly<Record<string, string>> = {}): FakeFiles {
  const contents = new Map(Object.entries(texts).map(([path, text]) => [resolve(path), text]));
  const versions = new Map<string, number>();
  const watchers = new Map<string, Set<() => void>>();
  const locks = new Set<string>();
  const notes = new Map<string, string>();
  const changes: string[] = [];

  function put(path: string, text: string | undefined): void {
    if (text === undefined) contents.delete(path);
    else contents.set(path, text);
    versions.set(path, (versions.get(path) ?? 0) + 1);
    for (const changed of watchers.get(path) ?? []) changed();
  }

  return {
    changes,
    resolve,
    write: (path, text) => put(resolve(path), text),
    remove: path => put(resolve(path), undefined),
    read: async path => contents.get(resolve(path)),
    async stat(path) {
      const real = resolve(path);
      return contents.has(real) ? { path: real, modifiedAt: versions.get(real) ?? 0, mode: 0o600, writable: true } : undefined;
    },
    async prepare(path) {
      const real = resolve(path);
      if (!contents.has(real)) throw new KeepaliveError('KA_STORE_UNWRITABLE', { path: real });
      return {
        async commit(text) {
          changes.push(`replace ${real}`);
          put(real, text);
        },
        async discard() {},
      };
    },
    async lock(path) {
      const real = resolve(path);
      if (locks.has(real)) return undefined;
      changes.push(`lock ${real}`);
      locks.add(real);
      return () => void locks.delete(real);
    },
    watch(path, changed) {
      const real = resolve(path);
      const listeners = watchers.get(real) ?? new Set();
      watchers.set(real, listeners.add(changed));
      return () => void listeners.delete(changed);
    },
    journal: {
      read: async key => notes.get(key),
      async write(key, text) {
        changes.push(`journal ${key}`);
        notes.set(key, text);
      },
      async remove(key) {
        notes.delete(key);
      },
    },
  };
}
