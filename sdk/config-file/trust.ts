import { randomBytes } from 'node:crypto';
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KeepaliveError } from '../contract/errors.ts';
import { isRecord } from '../base/json.ts';
import { describeLoose, looseAt } from './loose.ts';
import { digestOf, namedFiles, type Digests, type Root } from './named-files.ts';
import { readPlainFile } from '../system/plain-file.ts';
import { patiently } from '../system/patient.ts';
import type { Home } from '../system/home.ts';

/** What the user has trusted: a configuration and the local code that it names, as they were then. */
export type TrustRecord = {
  readonly version: 1;
  readonly file: string;
  readonly sha256: string;
  readonly files: Digests;
};

export type TrustCheck =
  | { readonly trusted: true; readonly file: string; readonly bytes: Buffer; readonly files: Digests }
  | { readonly trusted: false; readonly why: string; /** An earlier version was trusted. */ readonly known: boolean };

/** Remembers that the configuration may be used as it is now. Throws if another user could change it. */
export async function trust(given: string, home: Home): Promise<TrustRecord> {
  const file = await canonical(given);
  const bytes = await readPlainFile(file);
  const files = await namedFiles({ file, bytes, isConfig: true }, home.stateDir);
  for (const path of [file, ...Object.keys(files)]) {
    const loose = await looseAt(path);
    if (loose) throw new Error(`It is not trusted: ${describeLoose(loose)}.`);
  }
  const record: TrustRecord = { version: 1, file, sha256: digestOf(bytes), files };
  const place = recordOf(file, home);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  const temporary = `${place}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, JSON.stringify(record, null, 2), { mode: 0o600, flag: 'wx' });
  await patiently(() => rename(temporary, place));
  return record;
}

/** Withdraws trust. False if it was not trusted. */
export async function distrust(given: string, home: Home): Promise<boolean> {
  const place = recordOf(await canonical(given), home);
  const was = (await lstat(place).catch(() => undefined)) !== undefined;
  await rm(place, { force: true });
  return was;
}

/** Whether the configuration may be used. Returns the bytes that were compared, so that these are run. */
export async function checkTrust(given: string, home: Home): Promise<TrustCheck> {
  const file = await canonical(given);
  const record = await readRecord(recordOf(file, home));
  if (record?.file !== file) return { trusted: false, why: 'it is not trusted', known: false };
  const bytes = await readPlainFile(file).catch(() => undefined);
  if (!bytes || digestOf(bytes) !== record.sha256) {
    return { trusted: false, why: 'it has changed since it was trusted', known: true };
  }
  const changed = await changedOf(record.files);
  if (changed !== undefined) return { trusted: false, why: `${changed} has changed since it was trusted`, known: true };
  const added = await addedTo(record.files, { file, bytes, isConfig: true }, home.stateDir);
  if (added !== undefined) return { trusted: false, why: `${added} is new since it was trusted`, known: true };
  for (const path of [file, ...Object.keys(record.files)]) {
    const loose = await looseAt(path);
    if (loose) return { trusted: false, why: describeLoose(loose), known: true };
  }
  return { trusted: true, file, bytes, files: record.files };
}

/** The error for a configuration in use that is not trusted as it is now. */
export function untrusted(file: string, why: string): KeepaliveError {
  const message = `${why}. Review it, then run \`keepalive config trust ${file}\`.`;
  return new KeepaliveError('KA_CONFIG_INVALID', { file, problems: [{ path: '', message }] });
}

/** The first file that has changed. */
export async function changedOf(files: Digests): Promise<string | undefined> {
  for (const [path, digest] of Object.entries(files)) {
    const bytes = await readPlainFile(path).catch(() => undefined);
    if (!bytes || digestOf(bytes) !== digest) return path;
  }
  return undefined;
}

/** The first code file that a name in the text means now but did not then: a new file may shadow another. */
export async function addedTo(files: Digests, root: Root, stateDir: string): Promise<string | undefined> {
  const now = await namedFiles(root, stateDir).catch(() => undefined);
  return now === undefined ? root.file : Object.keys(now).find(path => !Object.hasOwn(files, path));
}

/** With the links of its folder followed, so that every path to the file is the same. */
async function canonical(file: string): Promise<string> {
  return join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file));
}

const recordOf = (file: string, { trusted }: Home): string =>
  join(trusted, `${digestOf(Buffer.from(file)).slice(0, 32)}.json`);

/** A record that another user could have written is ignored. */
async function readRecord(place: string): Promise<TrustRecord | undefined> {
  try {
    const value: unknown = JSON.parse((await readPlainFile(place)).toString('utf8'));
    return isTrustRecord(value) && !(await looseAt(place)) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isTrustRecord(value: unknown): value is TrustRecord {
  if (!isRecord(value)) return false;
  const { version, file, sha256, files }: Partial<Record<keyof TrustRecord, unknown>> = value;
  if (version !== 1 || typeof file !== 'string' || typeof sha256 !== 'string') return false;
  if (typeof files !== 'object' || files === null) return false;
  return Object.values(files).every(digest => typeof digest === 'string');
}
