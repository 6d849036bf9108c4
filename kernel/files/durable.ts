import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from './errno.ts';

const WINDOWS = process.platform === 'win32';

/** Temporaries of this very process. Another process of the same id may have left others: in a container it often has. */
const live = new Set<string>();

/** An empty file beside `path`, for its next version; named so that a later process can tell whose it was. */
export async function openTemporary(path: string): Promise<{ readonly file: string; readonly handle: FileHandle }> {
  const file = join(dirname(path), `.${basename(path)}.keepalive-${process.pid}-${randomBytes(4).toString('hex')}`);
  live.add(file); // Before it exists: a sweep may come between.
  return { file, handle: await open(file, 'wx', 0o600) };
}

export async function removeTemporary(file: string): Promise<void> {
  await rm(file, { force: true });
  live.delete(file);
}

/** Removes what processes that died left beside `path`. */
export async function sweepTemporaries(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.keepalive-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    const file = join(folder, name);
    if (pid === process.pid ? !live.has(file) : !isRunning(pid)) await rm(file, { force: true });
  }
}

/** Writes a file of our own, 0600: a crash leaves the old text or the new one. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const { file, handle } = await openTemporary(path);
  try {
    await handle.writeFile(text).then(() => handle.sync()).finally(() => handle.close());
    await moveIntoPlace(file, path);
  } finally {
    await removeTemporary(file);
  }
}

/** Renames the synced temporary over `path`, so that a crash leaves the old file or the new one, never less. */
export async function moveIntoPlace(file: string, path: string): Promise<void> {
  await patientRename(file, path);
  live.delete(file);
  if (WINDOWS) return; // It cannot sync a folder.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** On Windows, nobody can replace a file while someone reads it. */
async function patientRename(from: string, to: string, tries = WINDOWS ? 20 : 1): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (tries <= 1 || !['EPERM', 'EBUSY', 'EACCES'].includes(errnoOf(error))) throw error;
    await sleep(50);
    await patientRename(from, to, tries - 1);
  }
}

/** Whether there is a process of that id, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
