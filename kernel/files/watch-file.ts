import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cleanup } from '../../sdk/provider.ts';

const DEBOUNCE_MS = 100;

/**
 * Calls `changed` when the file was made, replaced, written or removed. Folders are watched, not the file: it may be
 * missing, a symbolic link, or another file by the same name a moment later.
 */
export function watchFile(path: string, changed: () => void): Cleanup {
  let closed = false;
  let seen = signatureOf(path);
  let timer: NodeJS.Timeout | undefined;
  let rearm = Promise.resolve();
  let stop: Cleanup | undefined;
  let armedFor = '';

  const look = () => {
    if (closed) return;
    rearm = rearm.then(arm).catch(() => {}); // Something vanished while it was looked at: the next event tells.
    const now = signatureOf(path);
    if (now === seen) return;
    seen = now;
    changed();
  };
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, DEBOUNCE_MS).unref();
  };
  const arm = async () => {
    const places = placesOf(path);
    const wanted = JSON.stringify(places);
    if (closed || wanted === armedFor) return;
    armedFor = wanted;
    await stop?.();
    const { watch } = await import('chokidar');
    const ignored = (candidate: string) => !places.folders.includes(candidate) && !places.entries.includes(candidate);
    const watcher = watch([...places.folders], { depth: 0, ignoreInitial: true, ignored });
    watcher.on('all', lookSoon).on('ready', lookSoon).on('error', lookSoon);
    stop = () => watcher.close();
  };

  rearm = arm().catch(() => {});
  return async () => {
    closed = true;
    clearTimeout(timer);
    await rearm;
    await stop?.();
  };
}

/** The folders to watch, and what to look out for in them: the file, what its link leads to, or the folder still missing. */
function placesOf(path: string): { readonly folders: readonly string[]; readonly entries: readonly string[] } {
  const entries = [path, ...(existsSync(path) ? [realpathSync(path)] : [])];
  const nearest = entries.map(entry => {
    let [child, folder] = [entry, dirname(entry)];
    while (!existsSync(folder) && folder !== dirname(folder)) [child, folder] = [folder, dirname(folder)];
    return { folder, child };
  });
  return { folders: [...new Set(nearest.map(({ folder }) => folder))], entries: [...new Set(nearest.map(({ child }) => child))] };
}

function signatureOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return '';
  }
}
