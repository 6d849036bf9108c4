import { KeepaliveError } from '../../contract/errors.ts';
import type { Files } from '../../plugin/files.ts';
import type { Wait } from '../store/json-store.ts';

/** The part of `sql.js` that we use. A plugin that depends on it passes `() => import('sql.js')`. */
export type SqlJs = () => Promise<{
  readonly default: () => Promise<{ readonly Database: new (bytes: Uint8Array) => Database }>;
}>;

type Database = {
  exec(sql: string, params?: string[]): { readonly columns: string[]; readonly values: Value[][] }[];
  close(): void;
};

type Value = number | string | Uint8Array | null;

export type Row = Readonly<Record<string, Value>>;

/** Queries a copy of a database in memory, so that its owner notices nothing. */
export async function queryCopy(
  sqlJs: SqlJs,
  bytes: Uint8Array,
  sql: string,
  params: readonly string[],
): Promise<readonly Row[]> {
  const { default: load } = await sqlJs();
  const { Database } = await load();
  const database = new Database(bytes);
  try {
    const [result] = database.exec(sql, [...params]);
    return (
      result?.values.map(values =>
        Object.fromEntries(result.columns.map((column, at) => [column, values[at] ?? null])),
      ) ?? []
    );
  } finally {
    database.close();
  }
}

const READS = 5;
const BETWEEN_READS_MS = 100;

const partsOf = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-journal`];

/** A stamp that changes with the modification times of the database, and the last of them. */
export async function stampOf(
  files: Files,
  path: string,
): Promise<{ readonly stamp: string; readonly changedAt: number }> {
  const times = (await Promise.all(partsOf(path).map(part => files.stat(part)))).map(facts => facts?.modifiedAt);
  return { stamp: times.join(), changedAt: Math.max(...times.map(time => time ?? 0)) };
}

/** The database at one moment, including its write-ahead log, even while its owner writes to it. */
export async function readDatabase(files: Files, path: string, wait: Wait): Promise<Uint8Array | undefined> {
  const parts = partsOf(path);
  for (let reads = 0; reads < READS; reads++) {
    const before = (await stampOf(files, path)).stamp;
    const [database, log, journal] = await Promise.all(parts.map(part => files.readBytes(part)));
    if (!database) return undefined;
    // If the journal is not empty, the owner is in the middle of a change.
    if (!journal?.length && (await stampOf(files, path)).stamp === before)
      return mergeLog(database, log ?? new Uint8Array());
    await wait(BETWEEN_READS_MS);
  }
  throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'its owner does not stop writing to it' });
}

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;

/** Merges the committed part of the write-ahead log into the database (sqlite.org/walformat.html). */
export function mergeLog(database: Uint8Array, log: Uint8Array): Uint8Array {
  const merged = new Map<number, Uint8Array>();
  let pages = 0;
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  const pageSize = log.length >= HEADER ? view.getUint32(8) : 0;
  if (pageSize > 0 && (view.getUint32(0) & ~1) === MAGIC) {
    const littleEndian = view.getUint32(0) === MAGIC;
    const isSalted = (at: number) =>
      view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
    const pending = new Map<number, Uint8Array>();
    const words = { view, littleEndian };
    let sum = checksum(words, 0, 24, [0, 0]);
    for (let at = HEADER; at + FRAME_HEADER + pageSize <= log.length && isSalted(at); at += FRAME_HEADER + pageSize) {
      sum = checksum(words, at + FRAME_HEADER, pageSize, checksum(words, at, 8, sum));
      if (sum[0] !== view.getUint32(at + 16) || sum[1] !== view.getUint32(at + 20)) break;
      pending.set(view.getUint32(at), log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + pageSize));
      const size = view.getUint32(at + 4);
      if (size === 0) continue;
      pages = size;
      for (const [number, page] of pending) merged.set(number, page);
      pending.clear();
    }
  }
  const copy = new Uint8Array(pages > 0 ? pages * pageSize : database.length);
  copy.set(database.subarray(0, copy.length));
  for (const [number, page] of merged) if (number <= pages) copy.set(page, (number - 1) * pageSize);
  // The read and write versions. With 2, SQLite would look for a log.
  copy.set([1, 1], 18);
  return copy;
}

type Sum = readonly [number, number];

type Words = { readonly view: DataView; readonly littleEndian: boolean };

function checksum({ view, littleEndian }: Words, from: number, length: number, before: Sum): Sum {
  let [a, b] = before;
  for (let at = from; at < from + length; at += 8) {
    a = (a + view.getUint32(at, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0;
  }
  return [a, b];
}
