import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { patiently } from '../../sdk/system/patient.ts';
import type { KernelLog } from '../log/log.ts';
import { sweepTemporaries, writeDurably } from './durable.ts';
import { isMissing } from '../../sdk/base/errno.ts';
import { quarantineIfUnusable, setAside, unusable, warnQuarantined } from './quarantine.ts';
import { migrate, refuseNewer, versionOf, type Versions } from './versions.ts';

/** How one of our own JSON files is read. */
export type Format<T> = {
  /** Absent for a file that has no version. */
  readonly versions?: Versions;
  /** Returns the valid part of the content. It gets undefined if there is no file. */
  readonly understand: (json: unknown) => T;
  /** Absent for a file that is nothing but JSON. */
  readonly parse?: (text: string) => Parsed;
};

/** The content of a file, and whether that is all of it. Undefined for text that cannot be read at all. */
export type Parsed = { readonly json: unknown; readonly isSound: boolean };

/** The content of one of our own files; undefined if there is none, or it cannot be read. */
export async function readOwnFile(file: string, log: KernelLog): Promise<Buffer | undefined> {
  warnQuarantined(await quarantineIfUnusable(file, 'r'), log);
  return patiently(() => readFile(file)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unusable(file, error);
  });
}

/**
 * Reads one of our own JSON files. An older version is migrated. If anything in the file was not understood, it is set
 * aside and replaced by what was, so nothing is overwritten unseen. Throws `KA_HOME_NEWER` for a newer version.
 */
export async function recall<T>(file: string, log: KernelLog, format: Format<T>): Promise<T> {
  await sweepTemporaries(file);
  return adopt(file, log, await readOwnFile(file, log), format);
}

/** The same for a file that was just read. */
export async function adopt<T>(
  file: string,
  log: KernelLog,
  bytes: Buffer | undefined,
  { versions, understand, parse = parseWhole }: Format<T>,
): Promise<T> {
  if (!bytes) return understand(undefined);
  const text = bytes.toString('utf8');
  const { json, isSound } = parse(text);
  if (versions) refuseNewer(file, json, versions);
  const migrated = versions && isUtf8(bytes) ? migrate(json, versions) : undefined;
  if (migrated) {
    const understood = understand(migrated);
    const kept = `${file}.v${versionOf(json)}`;
    await writeDurably(kept, text).catch((error: unknown) => {
      throw unusable(kept, error);
    });
    await replace(file, understood, log);
    log.info({ file, from: versionOf(json), to: versions?.current, kept }, 'a file of our own was migrated');
    return understood;
  }
  const understood = understand(json);
  if (isUtf8(bytes) && isSound && isDeepStrictEqual(understood, json)) return understood;
  const aside = await setAside(file, 'damaged');
  log.warn({ file, aside }, 'a file of our own was damaged and has been set aside; what could be understood is kept');
  if (understood !== undefined && json !== undefined) await replace(file, understood, log);
  return understood;
}

/** If it cannot be written now, the content is in memory, and the next change writes it. */
export const replace = (file: string, content: unknown, log: KernelLog): Promise<void> =>
  writeDurably(file, JSON.stringify(content)).catch((error: unknown) =>
    log.error({ file, err: error }, 'a file of our own could not be written'),
  );

export function parseWhole(text: string): Parsed {
  const json = parseJson(text);
  const isSound = json !== undefined && !isTooDeep(json) && isCanonical(text, json);
  return { json: isSound ? json : writable(json), isSound };
}

/** The content as it would be read after it was written: without deep members, and without numbers that are no JSON. */
export const writable = (json: unknown): unknown =>
  json === undefined ? undefined : JSON.parse(JSON.stringify(withoutDeepMembers(json)));

/** Undefined for text that is not JSON. A byte order mark is ignored. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text));
  } catch {
    return undefined;
  }
}

/** Our own content is never nested this deeply. */
const MAX_DEPTH = 50;

/** Whether the nesting could overflow the stack of functions that walk the content, such as `JSON.stringify`. */
export const isTooDeep = (value: unknown, depth = MAX_DEPTH): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some(member => isTooDeep(member, depth - 1)));

function withoutDeepMembers(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map(item => withoutDeepMembers(item, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutDeepMembers(item, depth - 1)]));
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

const SPACE_AROUND_STRINGS = /("(?:[^"\\]|\\.)*")|\s+/g;

/** False if JSON.parse loses something: one of two members of the same name, or digits of a large number. */
function isCanonical(text: string, json: unknown): boolean {
  const written = JSON.stringify(json);
  const read = withoutMark(text);
  return read === written || read.replace(SPACE_AROUND_STRINGS, '$1') === written;
}
