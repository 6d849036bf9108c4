import { KeepaliveError } from '../contract/errors.ts';
import type { Files } from '../plugin/files.ts';
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
  const watchers = fakeWatchers();
  const changes: string[] = [];

  function put(path: string, content: string | Uint8Array | undefined): void {
    if (content === undefined) contents.delete(path);
    else contents.set(path, content);
    versions.set(path, (versions.get(path) ?? 0) + 1);
    watchers.notify(path);
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
    async prepare(path, { create = false } = {}) {
      const real = resolve(path);
      if (!create && !contents.has(real)) throw new KeepaliveError('KA_STORE_UNWRITABLE', { path: real });
      return {
        async commit(text) {
          changes.push(`replace ${real}`);
          put(real, text);
        },
        async discard() {},
      };
    },
    lock: fakeLocks(changes),
    watch: watchers.watch,
    journal: fakeJournal(changes),
  };
}

function fakeLocks(changes: string[]): Files['lock'] {
  const locks = new Set<string>();
  return async path => {
    const real = resolve(path);
    if (locks.has(real)) return undefined;
    changes.push(`lock ${real}`);
    locks.add(real);
    return () => void locks.delete(real);
  };
}

function fakeWatchers() {
  const watchers = new Map<string, Set<() => void>>();
  return {
    notify(real: string): void {
      for (const changed of watchers.get(real) ?? []) changed();
    },
    watch(path: string, changed: () => void): () => void {
      const real = resolve(path);
      const listeners = watchers.get(real) ?? new Set();
      watchers.set(real, listeners.add(changed));
      return () => void listeners.delete(changed);
    },
  };
}

function fakeJournal(changes: string[]): Files['journal'] {
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
