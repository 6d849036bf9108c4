import { isUtf8 } from 'node:buffer';
import { lstat, open, readFile, rename, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { KernelLog } from '../log/log.ts';
import { sweepTemporaries, writeDurably } from './durable.ts';
import { errnoOf, isMissing } from './errno.ts';

/** Nothing that we write grows so large. */
const MAX_BYTES = 64 * 1024 * 1024;

type Trouble = 'damaged' | 'unreadable' | 'foreign';

/** The names of files that were set aside, by what they were. */
export const ASIDE = /^(.+)\.(damaged|unreadable|foreign)-\d+$/;

/** Moves what has the name of one of our own files out of the way, for a person to look at. Gives the path that it has now. */
export async function setAside(file: string, trouble: Trouble): Promise<string> {
  const aside = `${file}.${trouble}-${Date.now()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    throw unusable(file, error);
  }
  return aside;
}

const unusable = (file: string, error: unknown): KeepaliveError =>
  new KeepaliveError('KA_HOME_UNUSABLE', { file, reason: errnoOf(error) }, error);

/** Why it will not do, where that will be no better the next time. Other trouble, such as a disk that does not answer, may pass, and then the file is good. */
async function obstacleAt(file: string, use: Use, maxBytes: number): Promise<string | undefined> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return facts.isDirectory() ? 'EISDIR' : 'EFTYPE';
    if (facts.size > maxBytes) return 'EFBIG';
    await (await open(file, use)).close();
    return undefined;
  } catch (error) {
    const reason = errnoOf(error);
    if (isMissing(error))
      return (await lstat(file).then(
        () => true,
        () => false,
      ))
        ? reason
        : undefined;
    if (['EACCES', 'EPERM', 'ELOOP'].includes(reason)) return reason;
    throw unusable(file, error);
  }
}

/** To read it, or to write it too. */
type Use = 'r' | 'r+';

export type Way = { readonly file: string; readonly reason: string; readonly aside: string };

/** Sets aside what has the name of one of our own files and cannot be used as one: a folder, a pipe, somebody else's. Undefined where nothing is in the way. */
export async function makeWay(file: string, use: Use, maxBytes = MAX_BYTES): Promise<Way | undefined> {
  const reason = await obstacleAt(file, use, maxBytes);
  return reason === undefined ? undefined : { file, reason, aside: await setAside(file, 'unreadable') };
}

export const tellOf = (way: Way | undefined, log: KernelLog): void => {
  if (way) log.warn(way, 'a file of our own could not be used and has been set aside');
};

/** What is in one of our own files; undefined where there is none, or none that can be read. */
export async function readOwnFile(file: string, log: KernelLog): Promise<Buffer | undefined> {
  tellOf(await makeWay(file, 'r'), log);
  return readFile(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unusable(file, error);
  });
}

/**
 * What one of our own JSON files says, as `take` understands it; it is given undefined where there is nothing. A file that says more, or something else,
 * is set aside and replaced by what was understood: nothing in it is overwritten unseen.
 */
export async function recall<T>(file: string, log: KernelLog, take: (json: unknown) => T): Promise<T> {
  await sweepTemporaries(file);
  const bytes = await readOwnFile(file, log);
  if (!bytes) return take(undefined);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const json = parse(text);
  const good = take(json);
  if (isUtf8(bytes) && isDeepStrictEqual(good, json) && isCanonical(text, json)) return good;
  log.warn(
    { file, aside: await setAside(file, 'damaged') },
    'a file of our own was damaged and has been set aside; what could be understood is kept',
  );
  if (good !== undefined && json !== undefined)
    await writeDurably(file, JSON.stringify(good)).catch((error: unknown) =>
      log.error({ file, err: error }, 'a file of our own could not be written'),
    );
  return good;
}

/** Undefined for text that is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SPACE_AROUND_STRINGS = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Where a name comes twice, or a number is none that we can hold, what was read is not what was written. */
function isCanonical(text: string, json: unknown): boolean {
  const written = JSON.stringify(json);
  return text === written || text.replace(SPACE_AROUND_STRINGS, '$1') === written;
}
