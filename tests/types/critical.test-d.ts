import type { CriticalTable } from '../../runtime/files/critical.ts';
import { FILES_CRITICAL, type KernelFiles } from '../../runtime/files/files.ts';

// A lock kind that is added to the files has to say whether it is critical.
type WithFlock = KernelFiles & { flock(path: string): Promise<(() => void) | undefined> };

// @ts-expect-error: `flock` is missing.
export const missing: CriticalTable<WithFlock> = FILES_CRITICAL;

export const declared: CriticalTable<WithFlock> = { ...FILES_CRITICAL, flock: 'until-released' };

// A function that returns no promise cannot wait for a critical section.
// @ts-expect-error: only 'never' is possible.
export const synchronous: CriticalTable<WithFlock> = { ...FILES_CRITICAL, flock: 'never', resolve: 'until-settled' };

// What ends a critical section has to be a method of the result.
// @ts-expect-error: a replacement has no `abandon`.
export const misspelled: CriticalTable<KernelFiles> = { ...FILES_CRITICAL, prepare: { until: ['abandon'] } };
