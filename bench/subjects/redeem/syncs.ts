import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const RESERVE = randomBytes(16_384);
const ANSWER = randomBytes(1_600);

/**
 * What a redeem must have on disk before its next step, written as fast as this machine can: the reserved file, the
 * note and its folder, the answer, the new file and its folder. Returns the milliseconds that it took.
 */
export function bareSyncs(folder: string): number {
  const started = performance.now();
  const credential = writeNew(join(folder, 'bare'));
  const note = writeNew(join(folder, 'bare-note'));
  putInPlace(join(folder, 'bare-note'));
  rewrite(note);
  fdatasyncSync(note);
  rewrite(credential);
  ftruncateSync(credential, ANSWER.length);
  fsyncSync(credential);
  putInPlace(join(folder, 'bare'));
  const ms = performance.now() - started;
  for (const file of [credential, note]) closeSync(file);
  for (const name of ['bare.kept', 'bare-note.kept']) rmSync(join(folder, name));
  return ms;
}

function writeNew(path: string): number {
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, RESERVE);
  fsyncSync(file);
  return file;
}

const rewrite = (file: number): void => void writeSync(file, ANSWER, 0, ANSWER.length, 0);

function putInPlace(path: string): void {
  renameSync(path, `${path}.kept`);
  const folder = openSync(join(path, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
