import { isRecord } from '../base/json.ts';
import table from './releases.json' with { type: 'json' };

/*
 * What is believed of the releases of vendors' programs. `npm run vendors` runs the real programs through faults, and
 * writes the table. See docs/vendors.md.
 */

/**
 * - `proven`: the program was asked to renew a login during every fault. It lost none, and the outcomes were true.
 * - `held-back`: it did not hold. Such a release is only watched.
 * - `unknown`: it was not run. It is asked, and judged by what it does.
 */
export type Verdict = 'proven' | 'held-back' | 'unknown';

/** A row of the table: one release of a program, asked in one way. */
export type Release = {
  readonly program: string;
  readonly release: string;
  /** How it is asked. */
  readonly kind: string;
  readonly verdict: Verdict;
  /** The day on which it was run. */
  readonly on: string;
  /** How many faults it was run through. */
  readonly faults: number;
  /** Why it is held back, or unknown. */
  readonly reason?: string;
  /** How long a lock that it left behind keeps others out, in milliseconds. */
  readonly lockStaleMs?: number;
};

export type Belief = Pick<Release, 'verdict' | 'reason' | 'lockStaleMs'>;

const VERDICTS: readonly unknown[] = ['proven', 'held-back', 'unknown'] satisfies readonly Verdict[];

/** Whether a value, as of a file that was edited, is a row of the table. */
export function isRelease(value: unknown): value is Release {
  if (!isRecord(value)) return false;
  const { program, release, kind, verdict, on, faults, reason, lockStaleMs } = value;
  return (
    [program, release, kind, on, reason ?? ''].every(text => typeof text === 'string') &&
    [faults, lockStaleMs ?? 0].every(count => typeof count === 'number') &&
    VERDICTS.includes(verdict)
  );
}

const rows: readonly unknown[] = table;

/** All rows. */
export const RELEASES: readonly Release[] = rows.filter(isRelease);

/** Compares releases as people do: 2.1.9 is before 2.1.10. */
export const compareReleases = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * What is believed of a release. Between two proven ones it is proven too. After one that is held back it is held back,
 * until a later one is proven.
 */
export function believe(program: string, kind: string, release: string, all = RELEASES): Belief {
  const known = rowsOf(program, kind, all);
  const exact = known.find(row => row.release === release);
  if (exact) return exact;
  const before = known.findLast(row => compareReleases(row.release, release) < 0);
  const after = known.find(row => compareReleases(row.release, release) > 0);
  const lockStaleMs = Math.max(...[before, after].map(row => row?.lockStaleMs ?? 0));
  const facts = lockStaleMs > 0 ? { lockStaleMs } : {};
  if (before?.verdict === 'held-back' && after?.verdict !== 'proven')
    return { ...facts, verdict: 'held-back', reason: `as in ${before.release}, ${before.reason ?? 'it did not hold'}` };
  const isBetween = before?.verdict === 'proven' && after?.verdict === 'proven';
  return { ...facts, verdict: isBetween ? 'proven' : 'unknown' };
}

/** Whether any release was proven. Programs are asked for their version only if it matters. */
export const isEverProven = (program: string, kind: string, all = RELEASES): boolean =>
  rowsOf(program, kind, all).some(({ verdict }) => verdict === 'proven');

/** Whether any release is held back. */
export const isEverHeldBack = (program: string, kind: string, all = RELEASES): boolean =>
  rowsOf(program, kind, all).some(({ verdict }) => verdict === 'held-back');

const rowsOf = (program: string, kind: string, all: readonly Release[]): readonly Release[] =>
  all
    .filter(row => row.program === program && row.kind === kind && row.verdict !== 'unknown')
    .toSorted((a, b) => compareReleases(a.release, b.release));
