import { statSync, watch, type FSWatcher } from 'node:fs';
import { dirname, relative, sep } from 'node:path';

export type PathWatch = {
  /** False if the system has no watch left, or cannot watch that folder. */
  readonly isWatched: boolean;
  /** Resolves at the next change after this call. */
  nextChange(): Promise<void>;
  close(): void;
};

type Folder = { readonly path: string; readonly inode: number };

/** Watches a file that may not exist yet, nor its folder: the nearest folder that exists is watched. */
export function watchPath(path: string): PathWatch {
  let watcher: FSWatcher | undefined;
  let watched: Folder | undefined;
  const waiting: (() => void)[] = [];

  const watchNearest = () => {
    // Another folder may come or go until the watch begins.
    for (let nearest = folderOf(path); !isSame(nearest, watched); nearest = folderOf(path)) {
      watcher?.close();
      watched = nearest;
      watcher = begin(nearest.path);
    }
  };
  const onEvent = (name: string | null) => {
    const isAbout = name === null || watched === undefined || name === nextBelow(watched.path, path);
    if (!isAbout && isSame(folderOf(path), watched)) return;
    watchNearest();
    for (const resolve of waiting.splice(0)) resolve();
  };
  const begin = (folder: string): FSWatcher | undefined => {
    try {
      return watch(folder, (_event, name) => onEvent(name)).on('error', () => onEvent(null));
    } catch {
      return undefined;
    }
  };

  watchNearest();
  return {
    get isWatched() {
      return watcher !== undefined;
    },
    nextChange: () => new Promise(resolve => void waiting.push(resolve)),
    close: () => watcher?.close(),
  };
}

/** The nearest folder above a path that exists. */
function folderOf(path: string): Folder {
  const parent = dirname(path);
  const inode = inodeOf(parent);
  return inode !== undefined || parent === path ? { path: parent, inode: inode ?? 0 } : folderOf(parent);
}

/** Undefined if there is no such folder, or none that may be looked at. */
function inodeOf(folder: string): number | undefined {
  try {
    const facts = statSync(folder);
    return facts.isDirectory() ? facts.ino : undefined;
  } catch {
    return undefined;
  }
}

const isSame = (one: Folder, other: Folder | undefined): boolean =>
  one.path === other?.path && one.inode === other.inode;

const nextBelow = (folder: string, path: string): string | undefined => relative(folder, path).split(sep)[0];
