import type { Cleanup } from '../base/cleanup.ts';
import { KeepaliveError } from '../contract/errors.ts';
import type { Files, Journal } from '../plugin/files.ts';
import { expandHome } from '../system/home.ts';

/** Files in memory. A test changes them as another program would. */
export interface FakeFiles extends Files {
  /** Writes a file as another program would. */
  write(path: string, content: string | Uint8Array): void;
  /** Removes a file as another program would. */
  remove(path: string): void;
  /** Changes made through the context, in order: `replace /home/you/x`, `lock /home/you/x.lock`, `journal key`. */
  readonly changes: readonly string[];
}

const resolve = (path: string) => expandHome(path, '/home/you');

/** Files in memory with the given contents by path. The user's home is `/home/you`. */
export function fakeFiles(given: Readonly<Record<string, string | Uint8Array>> = {}): FakeFiles {
  const contents = new Map(Object.entries(given).map(([path, content]) => [resolve(path), content]));
  const versions = new Map<string, number>();
  const watchers = new Map<string, Set<() => void>>();
  const locks = new Set<string>();
  const changes: string[] = [];

  function put(path: string, content: string | Uint8Array | undefined): void {
    if (content === undefined) contents.delete(path);
    else contents.set(path, content);
    versions.set(path, (versions.get(path) ?? 0) + 1);
    for (const changed of watchers.get(path) ?? []) changed();
  }

  return {
    changes,
    resolve,
    write: (path, content) => put(resolve(path), content),
    remove: path => put(resolve(path), undefined),
    async read(path) {
      const content = contents.get(resolve(path));
      return content instanceof Uint8Array ? new TextDecoder().decode(content) : content;
    },
    async readBytes(path) {
      const content = contents.get(resolve(path));
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    async stat(path) {
      const real = resolve(path);
      return contents.has(real)
        ? { path: real, modifiedAt: versions.get(real) ?? 0, mode: 0o600, writable: true }
        : undefined;
    },
    async prepare(path) {
      const real = resolve(path);
      if (!contents.has(real)) throw new KeepaliveError('KA_STORE_UNWRITABLE', { path: real });
      const commit = async (text: string) => (changes.push(`replace ${real}`), put(real, text));
      return { commit, discard: async () => {} };
    },
    lock: async path => takeLock(resolve(path), locks, changes),
    watch(path, changed) {
      const listeners = watchers.get(resolve(path)) ?? new Set();
      watchers.set(resolve(path), listeners.add(changed));
      return () => void listeners.delete(changed);
    },
    journal: fakeJournal(changes),
  };
}

function takeLock(path: string, held: Set<string>, changes: string[]): Cleanup | undefined {
  if (held.has(path)) return undefined;
  changes.push(`lock ${path}`);
  held.add(path);
  return () => void held.delete(path);
}

function fakeJournal(changes: string[]): Journal {
  const notes = new Map<string, string>();
  return {
    read: async key => notes.get(key),
    async write(key, text) {
      changes.push(`journal ${key}`);
      notes.set(key, text);
    },
    async begin(key, line) {
      changes.push(`journal ${key}`);
      notes.set(key, `${line}\n`);
      return { add: async more => void notes.set(key, `${line}\n${more}\n`), close: async () => {} };
    },
    async remove(key) {
      notes.delete(key);
    },
  };
}
