import { createHash, randomBytes } from 'node:crypto';
import { access, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Journal } from '../../sdk/plugin/files.ts';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import { openDurably, overwrite, removeFile, sweepTemporaries, writeDurably, writing } from './durable.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';
import { makeFolder } from './folder.ts';
import { setAside } from './quarantine.ts';

/** Reserved for the line that is added. No vendor's answer is larger. */
const RESERVE = 12_288;

/** Well above the largest answer that is read (1 MiB). */
const MAX_NOTE_BYTES = 4 * 2 ** 20;
/** With this many notes, third-party plugins get no new one. Enough for hundreds of sessions. */
export const MAX_NOTES = 1_000;

const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

export type KernelJournal = Journal & {
  /** Whether the disk refused a line, so that it is only in the memory of this process. */
  readonly hasUnwritten: () => boolean;
};

/**
 * Notes, one file each; a key may be any text. Each part of a note begins with its checksum and length: a token that
 * was damaged on disk must not replace a good one.
 */
export function createJournal(folder: string, maxNotes = Infinity): KernelJournal {
  const fileOf = (key: string) => join(folder, digest(key));
  /** Notes with lines that the disk refused. */
  const unwritten = new Map<string, string>();

  const replace = <T>(key: string, write: (path: string) => Promise<T>): Promise<T> =>
    writing(fileOf(key), async () => {
      const path = fileOf(key);
      await makeFolder(folder);
      await sweepTemporaries(path);
      const written = await write(path);
      unwritten.delete(key);
      return written;
    });

  /** Throws if the note is too large, or there are too many. Only the first line is checked: nothing is sent yet. */
  async function allow(key: string, text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_NOTE_BYTES) throw new KeepaliveError('KA_JOURNAL_FULL', { bytes, maxBytes: MAX_NOTE_BYTES });
    const isBounded = maxNotes !== Infinity && !(await exists(fileOf(key)));
    if (isBounded) await allowNewNote(folder, maxNotes);
  }

  return {
    hasUnwritten: () => unwritten.size > 0,
    async read(key) {
      const path = fileOf(key);
      const bytes = await readNote(path);
      const [first, ...added] = bytes ? partsOf(bytes) : [];
      if (bytes && first === undefined) await setAside(path, 'damaged');
      return unwritten.get(key) ?? (first === undefined ? undefined : [first, ...added].join(''));
    },
    async write(key, text) {
      await allow(key, text);
      await replace(key, path => writeDurably(path, sealed(text)));
    },
    async begin(key, line) {
      await allow(key, line);
      const begun = sealed(`${line}\n`);
      const handle = await replace(key, path => openDurably(path, begun + noise()));
      return {
        close: () => handle.close(),
        async add(more) {
          unwritten.set(key, `${line}\n${more}\n`);
          await writing(fileOf(key), () => append(handle, Buffer.from(sealed(`${more}\n`)), Buffer.byteLength(begun)));
          unwritten.delete(key);
        },
      };
    },
    async remove(key) {
      unwritten.delete(key);
      await writing(fileOf(key), () => removeFile(fileOf(key)));
    },
  };
}

const NOTE = /^[0-9a-f]{32}$/;

async function allowNewNote(folder: string, maxNotes: number): Promise<void> {
  const notes = (await readdir(folder).catch(() => [])).filter(name => NOTE.test(name)).length;
  if (notes >= maxNotes) throw new KeepaliveError('KA_JOURNAL_FULL', { folder, notes, maxNotes });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const sealed = (text: string): string => `${digest(text)} ${Buffer.byteLength(text)}\n${text}`;

/** The complete parts up to the first incomplete one: a crash may have cut off the last part. */
function partsOf(bytes: Buffer): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const [, checksum, length] = /^([0-9a-f]{32}) (\d{1,9})\n/.exec(bytes.toString('latin1', at, at + 43)) ?? [];
    if (checksum === undefined || length === undefined) break;
    const from = at + checksum.length + length.length + 2;
    const text = bytes.subarray(from, from + Number(length));
    if (text.length !== Number(length) || digest(text) !== checksum) break;
    parts.push(text.toString('utf8'));
    at = from + text.length;
  }
  return parts;
}

/** Reserves space, also on a compressing file system. It has no newline, so no part of it looks like a line. */
const noise = (): string => randomBytes(RESERVE).toString('base64');

/** The rest of the reserve stays. A file that keeps its size is synced in half the time, without its metadata. */
async function append(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  await overwrite(handle, bytes, at);
  await handle.datasync();
}

async function readNote(path: string): Promise<Buffer | undefined> {
  try {
    return await readPlainFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: errnoOf(error) }, error);
  }
}
