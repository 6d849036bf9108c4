import { randomBytes } from 'node:crypto';
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeLoose, looseAt } from './loose.ts';
import { digestOf, namedFiles, type Digests, type Root } from './named-files.ts';
import { readPlainFile } from './plain-file.ts';
import type { Home } from './home.ts';

/** What a person has agreed to: a configuration, and the local code that it names, as they were then. */
export type TrustRecord = { readonly version: 1; readonly file: string; readonly sha256: string; readonly files: Digests };

export type Verdict =
  | { readonly trusted: true; readonly file: string; readonly bytes: Buffer; readonly files: Digests }
  | { readonly trusted: false; readonly why: string; /** It was trusted, as it was then. */ readonly known: boolean };

/** Remembers that the configuration may be used as it is now. Throws where another user could change it. */
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
  await rename(temporary, place);
  return record;
}

/** Takes it back. False where it was not trusted. */
export async function distrust(given: string, home: Home): Promise<boolean> {
  const place = recordOf(await canonical(given), home);
  const was = (await lstat(place).catch(() => undefined)) !== undefined;
  await rm(place, { force: true });
  return was;
}

/** Whether the configuration may be used. What was compared is handed on, so that it is what is run. */
export async function verdictOn(given: string, home: Home): Promise<Verdict> {
  const file = await canonical(given);
  const record = await readRecord(recordOf(file, home));
  if (record?.file !== file) return { trusted: false, why: 'it is not trusted', known: false };
  const bytes = await readPlainFile(file).catch(() => undefined);
  if (!bytes || digestOf(bytes) !== record.sha256) return { trusted: false, why: 'it has changed since it was trusted', known: true };
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

/** The first of the files that is not what it was. */
export async function changedOf(files: Digests): Promise<string | undefined> {
  for (const [path, digest] of Object.entries(files)) {
    const bytes = await readPlainFile(path).catch(() => undefined);
    if (!bytes || digestOf(bytes) !== digest) return path;
  }
  return undefined;
}

/** The first file of code that a name in the text means now and did not mean then: a file may have been put before another. */
export async function addedTo(files: Digests, root: Root, stateDir: string): Promise<string | undefined> {
  const now = await namedFiles(root, stateDir).catch(() => undefined);
  return now === undefined ? root.file : Object.keys(now).find(path => !Object.hasOwn(files, path));
}

/** With the links of its folder followed: it is the same file from wherever one comes. */
async function canonical(file: string): Promise<string> {
  return join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file));
}

const recordOf = (file: string, { trusted }: Home): string => join(trusted, `${digestOf(Buffer.from(file)).slice(0, 32)}.json`);

/** One that another user could have written says nothing. */
async function readRecord(place: string): Promise<TrustRecord | undefined> {
  try {
    const value: unknown = JSON.parse((await readPlainFile(place)).toString('utf8'));
    return isRecord(value) && !(await looseAt(place)) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is TrustRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, file, sha256, files }: Partial<Record<keyof TrustRecord, unknown>> = value;
  if (version !== 1 || typeof file !== 'string' || typeof sha256 !== 'string' || typeof files !== 'object' || files === null) return false;
  return Object.values(files).every(digest => typeof digest === 'string');
}
