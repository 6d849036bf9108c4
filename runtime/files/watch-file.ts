import { statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { errnoOf, isMissing } from './errno.ts';
import { placesOf, type Place } from './path-places.ts';
import { lookSlowly } from './slow-look.ts';

const DEBOUNCE_MS = 100;

type Changed = (event: string, name: string | null) => void;

/** What the system offers; tests pass their own. */
export type Eyes = {
  /** Reports changes of a folder's entries. Throws if the system has no watch left. */
  readonly watch: (folder: string, changed: Changed) => Pick<FSWatcher, 'on' | 'close'>;
  /** Looks again periodically, whether or not anything was reported. */
  readonly slowly: (look: () => void) => Cleanup;
};

const REAL: Eyes = { watch: (folder, changed) => watch(folder, changed), slowly: lookSlowly };

/**
 * Calls `changed` when the file was made, replaced, written or removed, or became readable. Folders are watched, not the
 * file: it may be missing, a symbolic link, or another file by the same name a moment later. A slow look backs the
 * watches: the system may have none left, and network file systems report nothing.
 */
export function watchFile(path: string, changed: () => void, eyes: Eyes = REAL): Cleanup {
  let closed = false;
  let seen = signatureNow(path);
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let watched = NOTHING;

  const lookSoon = () => {
    clearTimeout(timer);
    timer = closed ? undefined : setTimeout(look, DEBOUNCE_MS).unref();
  };
  const look = () => {
    // One at a time: on a network file system that hangs, looks would pile up.
    if (looking) return void looking.then(lookSoon);
    looking = lookOnce().finally(() => {
      looking = undefined;
    });
  };
  const lookOnce = async () => {
    await arm();
    const now = await signatureOf(path);
    if (closed || now === seen) return;
    seen = now;
    changed();
  };
  const arm = async () => {
    const places = await placesOf(path);
    const key = JSON.stringify(places);
    if (closed || (key === watched.key && !watched.isBlind)) return;
    watched.close();
    watched = watchPlaces(key, places, eyes, lookSoon);
    // What changed between the look and the watch was not reported.
    if (!watched.isBlind) lookSoon();
  };

  const stopLooking = eyes.slowly(look);
  look();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await stopLooking();
    watched.close();
  };
}

/** What is watched; blind where a part of it is not. */
type Watched = { readonly key: string; readonly isBlind: boolean; readonly close: () => void };

const NOTHING: Watched = { key: '', isBlind: true, close: () => undefined };

function watchPlaces(key: string, places: readonly Place[], eyes: Eyes, report: () => void): Watched {
  const watchers: ReturnType<Eyes['watch']>[] = [];
  let isBlind = false;
  for (const folder of new Set(places.map(place => place.folder))) {
    const names = new Set(places.filter(place => place.folder === folder).map(({ name }) => folded(name)));
    try {
      const watcher = eyes.watch(folder, (_event, name) => {
        // A folder that is moved or removed reports its own name, or none: its watch is over.
        const isItself = !name || name === basename(folder);
        if (isItself) isBlind = true;
        if (isItself || names.has(folded(name))) report();
      });
      watchers.push(watcher);
      // Not retried at once, or a lasting error would spin. The slow look retries.
      watcher.on('error', () => {
        isBlind = true;
        watcher.close();
      });
    } catch {
      isBlind = true;
    }
  }
  return {
    key,
    get isBlind() {
      return isBlind;
    },
    close: () => watchers.forEach(watcher => watcher.close()),
  };
}

/** Some file systems report names in another case or normalization. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase();

const describe = ({ dev, ino, mtimeMs, size, mode, uid, gid }: Stats): string =>
  [dev, ino, mtimeMs, size, mode, uid, gid].join(' ');
const failure = (error: unknown): string => (isMissing(error) ? '' : errnoOf(error));

const signatureOf = (path: string): Promise<string> => stat(path).then(describe, failure);

/** Synchronous, so that any change after the call is noticed. */
function signatureNow(path: string): string {
  try {
    return describe(statSync(path));
  } catch (error) {
    return failure(error);
  }
}
