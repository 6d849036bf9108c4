import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../../base/json.ts';
import { KeepaliveError } from '../../contract/errors.ts';
import type { Files } from '../../plugin/files.ts';

export type JsonObject = { readonly [key: string]: unknown };

/** Waits for some milliseconds. A test passes one that returns at once. */
export type Wait = (ms: number) => Promise<unknown>;

export const realWait: Wait = ms => sleep(ms);

const READS = 5;
const BETWEEN_READS_MS = 50;

/** A JSON object in a file, and the text it was read from. */
export type JsonFile = { readonly text: string; readonly json: JsonObject };

/**
 * Reads the JSON object in a file; undefined if there is no file. A file that is just being written is read again, 5
 * times in 250 ms. Then it throws `KA_STORE_UNREADABLE`.
 */
export async function readJsonFile(
  files: Pick<Files, 'read'>,
  path: string,
  wait: Wait = realWait,
): Promise<JsonFile | undefined> {
  for (let reads = 0; ; reads++) {
    const text = await files.read(path);
    if (text === undefined) return undefined;
    const json = parseObject(text);
    if (json) return { text, json };
    if (reads === READS) throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'not a JSON object' });
    await wait(BETWEEN_READS_MS);
  }
}

/** Without so many digits in a row, no integer is too large. */
const LONG = /\d{16}/;
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const KEPT = '\uE000';
const KEPT_TEXT = new RegExp(`"${KEPT}(-?\\d+)"`, 'g');

/** Makes strings of integers that a number cannot hold, such as 64-bit ids. `formatLike` turns them back. */
const keepLargeIntegers = (text: string): string =>
  text.replace(TOKENS, token =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${KEPT}${token}"` : token,
  );

const BOM = '\uFEFF';
const withoutBom = (text: string): string => (text.startsWith(BOM) ? text.slice(BOM.length) : text);

/** Parses a JSON object, with or without a byte order mark. Undefined for any other text. */
export function parseObject(text: string): JsonObject | undefined {
  // The text of a note that is not there: an error would take a hundred times as long.
  if (text === '') return undefined;
  try {
    const json = withoutBom(text);
    const read: unknown = JSON.parse(json); // Text that is not JSON could keep the regular expression busy for minutes.
    const value: unknown = LONG.test(json) ? JSON.parse(keepLargeIntegers(json)) : read;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Formats the object with the indentation, the end and the byte order mark of the text that it replaces. */
export function formatLike(original: string, json: JsonObject): string {
  if (original.startsWith(BOM)) return BOM + formatLike(withoutBom(original), json);
  const [, indent] = /^\s*\{\r?\n([ \t]+)"/.exec(original) ?? [];
  return JSON.stringify(json, null, indent).replace(KEPT_TEXT, '$1') + (/\s*$/.exec(original)?.[0] ?? '');
}

/** The value at a dotted path. */
export const valueAt = (json: JsonObject, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined), json);

/** The non-empty text at a dotted path. */
export function textAt(json: JsonObject, path: string): string | undefined {
  const value = valueAt(json, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A copy with another value at a dotted path. */
export function withValue(json: JsonObject, path: string, value: unknown): JsonObject {
  const [key = '', ...rest] = path.split('.');
  const inner = json[key];
  return { ...json, [key]: rest.length ? withValue(isRecord(inner) ? inner : {}, rest.join('.'), value) : value };
}

/** A copy without the value at a dotted path. */
export function withoutValue(json: JsonObject, path: string): JsonObject {
  const [key = '', ...rest] = path.split('.');
  const { [key]: inner, ...others } = json;
  return rest.length && isRecord(inner) ? { ...json, [key]: withoutValue(inner, rest.join('.')) } : others;
}

/** Larger numbers are milliseconds. As seconds they would be dates after the year 5000. */
const LARGEST_SECONDS = 1e11;
/** Larger numbers are microseconds. */
const LARGEST_MS = 1e14;
const NUMERIC = /^\d+(\.\d+)?$/;
const ISO = /^\d{4}-\d\d-\d\d/;

/** The unit of a number of this size, in milliseconds. */
const unitOf = (value: number): number => (value > LARGEST_MS ? 1e-3 : value > LARGEST_SECONDS ? 1 : 1_000);

/**
 * Reads a point in time: seconds, milliseconds or microseconds since the epoch (recognized by their size), or ISO 8601.
 * Undefined for anything else.
 */
export function readInstant(value: unknown): Date | undefined {
  if (typeof value === 'string' && NUMERIC.test(value)) return readInstant(Number(value));
  const date =
    typeof value === 'number'
      ? new Date(value * unitOf(value))
      : new Date(typeof value === 'string' && ISO.test(value) ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Formats a time like the value that it replaces. */
export function writeInstant(date: Date, before: unknown): number | string {
  if (typeof before === 'string' && !NUMERIC.test(before)) return date.toISOString();
  const number = Math.floor(date.getTime() / unitOf(Number(before)));
  return typeof before === 'string' ? String(number) : number;
}

/** A hash that differs if a secret differs. It reveals nothing about the secrets. */
export const fingerprintOf = (...secrets: readonly string[]): string =>
  createHash('sha256').update(secrets.join('\0')).digest('hex').slice(0, 16);
