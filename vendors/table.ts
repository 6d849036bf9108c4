import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareReleases, isRelease, type Release } from '../sdk/vendors/releases.ts';

const FILE = fileURLToPath(new URL('../sdk/vendors/releases.json', import.meta.url));

export function readTable(): readonly Release[] {
  const rows: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  if (!Array.isArray(rows)) throw new Error(`${FILE} holds no list.`);
  const wrong = rows.find(row => !isRelease(row));
  if (wrong !== undefined) throw new Error(`${FILE} holds a row that is none: ${JSON.stringify(wrong)}`);
  return rows.filter(isRelease);
}

/** One row a line, so that a difference between two runs can be read. */
export const tableText = (rows: readonly Release[]): string =>
  `[\n${rows.map(row => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`;

export const writeTable = (rows: readonly Release[]): void => writeFileSync(FILE, tableText(rows));

const isSame = (a: Release, b: Release): boolean =>
  a.program === b.program && a.kind === b.kind && a.release === b.release;

/** The table with what was found. A release that could not be run keeps what is known of it. */
export function merge(rows: readonly Release[], found: readonly Release[]): readonly Release[] {
  const isNews = (row: Release) => row.verdict !== 'unknown' || !rows.some(known => isSame(known, row));
  const news = found.filter(isNews);
  return [...rows.filter(row => !news.some(found => isSame(found, row))), ...news].toSorted(
    (a, b) =>
      a.program.localeCompare(b.program) || a.kind.localeCompare(b.kind) || compareReleases(a.release, b.release),
  );
}

export type Difference = { readonly line: string; readonly isBad: boolean };

/** What a maintainer has to read: what is new, and what is not as the table said. */
export function differences(rows: readonly Release[], found: readonly Release[]): readonly Difference[] {
  return found.flatMap(row => {
    const known = rows.find(other => isSame(other, row));
    const name = `${row.program} ${row.release} (${row.kind})`;
    if (!known) return [{ line: `+ ${name} is ${saidOf(row)}`, isBad: row.verdict !== 'proven' }];
    if (saidOf(known) === saidOf(row)) return [];
    return [
      { line: `- ${name} was ${saidOf(known)}`, isBad: true },
      { line: `+ ${name} is ${saidOf(row)}`, isBad: true },
    ];
  });
}

const saidOf = ({ verdict, reason, lockStaleMs }: Release): string =>
  [verdict, reason && `because of ${reason}`, lockStaleMs && `takes a lock after ${lockStaleMs / 1_000} s`]
    .filter(Boolean)
    .join(', ');
