import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { patiently } from '../../sdk/system/patient.ts';
import { isRunning } from '../../sdk/system/process-identity.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';

const WINDOWS = process.platform === 'win32';
const MARK = '.keepalive-';
/** The PID namespace: containers number their processes independently. */
const CONTAINER = /\d+/.exec(pidNamespace())?.[0] ?? '';

/** Temp files of this process, until they are in place. PIDs repeat in containers, so a matching PID proves nothing. */
const live = new Set<string>();

/** An empty file beside `path` for its next version. Its name says which process created it. */
export async function openTemporary(path: string): Promise<{ readonly file: string; readonly handle: FileHandle }> {
  const file = join(
    dirname(path),
    `.${basename(path)}${MARK}${process.pid}.${CONTAINER}-${randomBytes(4).toString('hex')}`,
  );
  live.add(file); // Before it exists, because of concurrent sweeps.
  return { file, handle: await open(file, 'wx', 0o600) };
}

/** Does nothing once it was moved into place. */
export async function removeTemporary(file: string): Promise<void> {
  if (!live.has(file)) return;
  try {
    await removeFile(file);
  } finally {
    live.delete(file); // If it was not removed, it is swept later.
  }
}

/** Removes a file, if it is there. `rm` would look at it twice first, and a redeem removes four files. */
export async function removeFile(path: string): Promise<void> {
  try {
    await patiently(() => unlink(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Overwrites from the start. Truncating first would give up the reserved space. */
export async function overwrite(handle: FileHandle, bytes: Uint8Array, from = 0): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at, bytes.length - at, from + at)).bytesWritten;
}

/**
 * Removes the temp files that dead processes left beside `path`. Call it under the lock of the file: a temp file of
 * another container may still be in use.
 */
export const sweepTemporaries = (path: string): Promise<void> => sweep(dirname(path), isOf(path));

/** The same without the lock, and therefore only for files of this container. */
export const sweepOwnTemporaries = (path: string): Promise<void> =>
  sweep(dirname(path), name => isOf(path)(name) && name.includes(`.${CONTAINER}-`));

/** Removes the temp files of dead processes from a folder of ours. */
export const sweepFolder = (folder: string): Promise<void> =>
  sweep(folder, name => name.startsWith('.') && name.includes(MARK));

const isOf =
  (path: string) =>
  (name: string): boolean =>
    name.startsWith(`.${basename(path)}${MARK}`);

async function sweep(folder: string, isMeant: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isMeant(name)) continue;
    const pid = Number.parseInt(name.slice(name.lastIndexOf(MARK) + MARK.length), 10);
    const file = join(folder, name);
    if (pid === process.pid ? !live.has(file) : !isRunning(pid)) await removeFile(file);
  }
}

/** Whether a page can be written to the folder. Throws why not. Nothing of it stays. */
export async function tryToWrite(folder: string): Promise<void> {
  const { file, handle } = await openTemporary(join(folder, 'probe'));
  try {
    await overwrite(handle, Buffer.alloc(4_096));
    await handle.sync();
  } finally {
    await handle.close();
    await removeTemporary(file);
  }
}

/** Writes a file of ours, 0600. A crash leaves the old text or the new text. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await (await openDurably(path, text)).close();
}

/** The same, but keeps the file open for appending. */
export async function openDurably(path: string, text: string): Promise<FileHandle> {
  const { file, handle } = await openTemporary(path);
  try {
    await overwrite(handle, Buffer.from(text));
    await handle.sync();
    await moveIntoPlace(file, path);
    return handle;
  } catch (error) {
    await handle.close().catch(() => {}); // The first error is the useful one.
    await removeTemporary(file).catch(() => {});
    throw error;
  }
}

/** Renames the synced temp file over `path`: a crash leaves the old file or the new one, never less. */
export async function moveIntoPlace(file: string, path: string): Promise<void> {
  await patiently(() => rename(file, path));
  live.delete(file);
  await syncFolderOf(path);
}

/** After this, a crash does not undo that the file was created, renamed or removed. */
export async function syncFolderOf(path: string): Promise<void> {
  if (WINDOWS) return; // Windows cannot sync a folder.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // Only Linux has namespaces.
  }
}

/** Runs `work`, which prepares or replaces a file. Errors of the system become `KA_STORE_UNWRITABLE`. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new KeepaliveError('KA_STORE_UNWRITABLE', { path, reason: errnoOf(error) }, error);
  }
}
