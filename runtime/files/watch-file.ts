import { statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';
import { placesOf, type Place } from './path-places.ts';

const DEBOUNCE_MS = 100;
/** How late a change is noticed if the system does not report it. */
const POLL_MS = 5 * 60_000;
/** The same for a missing file that cannot be watched. Someone may be signing in. */
const AWAIT_MS = 10_000;

type Changed = (event: string, name: string | null) => void;

/** How changes are noticed; tests pass their own. */
export type WatchDeps = {
  /** Reports changes of a folder's entries. Throws if the system has no watch left. */
  readonly watch: (folder: string, changed: Changed) => Pick<FSWatcher, 'on' | 'close'>;
  /** Calls `check` periodically. */
  readonly poll: (check: () => void) => Cleanup;
  /** The same, but often: for a missing file while the system has no watch left. */
  readonly pollOften: (check: () => void) => Cleanup;
};

/** All callers share one timer, which keeps no process alive. */
function polling(everyMs: number): WatchDeps['poll'] {
  const polled = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return check => {
    polled.add(check);
    timer ??= setInterval(() => polled.forEach(each => each()), everyMs).unref();
    return () => {
      polled.delete(check);
      if (polled.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}

const SYSTEM: WatchDeps = {
  watch: (folder, changed) => watch(folder, changed),
  poll: polling(POLL_MS),
  pollOften: polling(AWAIT_MS),
};

/**
 * Calls `changed` when the file was created, replaced, written or removed, or became readable. It watches folders, not
 * the file: the file may be missing, a symbolic link, or replaced by another one at any moment. Polling backs the
 * watches up: the system may have none left, and network file systems report nothing.
 */
export function watchFile(path: string, changed: () => void, deps: WatchDeps = SYSTEM): Cleanup {
  let closed = false;
  let seen = signatureNow(path);
  let timer: NodeJS.Timeout | undefined;
  let checking: Promise<void> | undefined;
  let watched = NOTHING;

  const checkSoon = () => {
    clearTimeout(timer);
    timer = closed ? undefined : setTimeout(check, DEBOUNCE_MS).unref();
  };
  /** One at a time: on a network file system that hangs, checks would pile up. */
  const begin = (work: () => Promise<void>) => {
    checking = work().finally(() => {
      checking = undefined;
    });
  };
  const check = () => void (checking ? checking.then(checkSoon) : begin(checkOnce));
  /**
   * The usual poll takes one call, and not one for each folder above: a file that is as it was is usually where it was.
   * If it was moved into a new folder unnoticed, a later poll notices its next change, and watches the new folder.
   */
  const poll = () => void (checking ?? begin(async () => ((await isAsSeen()) ? undefined : checkOnce())));
  const isAsSeen = async () => watched.isComplete && seen !== MISSING && (await signatureOf(path)) === seen;
  const checkOnce = async () => {
    await watchAgain();
    const now = await signatureOf(path);
    if (closed) return;
    await awaitFile(now === MISSING && !watched.isComplete);
    if (now === seen) return;
    seen = now;
    changed();
  };
  const awaitFile = asWanted(() => deps.pollOften(check));
  const watchAgain = async () => {
    const places = await placesOf(path);
    const key = JSON.stringify(places);
    if (closed || (key === watched.key && watched.isComplete)) return;
    watched.close();
    watched = watchPlaces({ key, places, watch: deps.watch, report: checkSoon });
    // A change between the check and the watch was not reported.
    if (watched.isComplete) checkSoon();
  };

  const stopPolling = deps.poll(poll);
  check();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await stopPolling();
    await awaitFile(false);
    watched.close();
  };
}

/** Begins something when it is wanted, and stops it when it is not. */
function asWanted(begin: () => Cleanup): (isWanted: boolean) => Promise<void> {
  let stop: Cleanup | undefined;
  return async isWanted => {
    if (isWanted) return void (stop ??= begin());
    await stop?.();
    stop = undefined;
  };
}

type Watched = {
  /** Identifies the places. */
  readonly key: string;
  /** Whether all places are watched. */
  readonly isComplete: boolean;
  readonly close: () => void;
};

const NOTHING: Watched = { key: '', isComplete: false, close: () => undefined };

type PlacesToWatch = {
  readonly key: string;
  readonly places: readonly Place[];
  readonly watch: WatchDeps['watch'];
  readonly report: () => void;
};

function watchPlaces({ key, places, watch, report }: PlacesToWatch): Watched {
  const watchers: ReturnType<WatchDeps['watch']>[] = [];
  let isComplete = true;
  for (const folder of new Set(places.map(place => place.folder))) {
    const names = new Set(places.filter(place => place.folder === folder).map(({ name }) => folded(name)));
    try {
      const watcher = watch(folder, (_event, name) => {
        // A folder that is moved or removed reports its own name or none. Its watch has ended.
        const isItself = !name || name === basename(folder);
        if (isItself) isComplete = false;
        if (isItself || names.has(folded(name))) report();
      });
      watchers.push(watcher);
      // Polling retries. An immediate retry would spin if the error lasts.
      watcher.on('error', () => {
        isComplete = false;
        watcher.close();
      });
    } catch {
      isComplete = false;
    }
  }
  return {
    key,
    get isComplete() {
      return isComplete;
    },
    close: () => watchers.forEach(watcher => watcher.close()),
  };
}

/** Some file systems report names in another case or normalization. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase();

const describe = ({ dev, ino, mtimeMs, size, mode, uid, gid }: Stats): string =>
  [dev, ino, mtimeMs, size, mode, uid, gid].join(' ');
const MISSING = '';
const failure = (error: unknown): string => (isMissing(error) ? MISSING : errnoOf(error));

const signatureOf = (path: string): Promise<string> => stat(path).then(describe, failure);

/** Synchronous, so that any change after the call is noticed. */
function signatureNow(path: string): string {
  try {
    return describe(statSync(path));
  } catch (error) {
    return failure(error);
  }
}
