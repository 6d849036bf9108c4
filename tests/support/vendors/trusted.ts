import type { Release } from '../../../sdk/vendors/releases.ts';

/**
 * A table in which every release of a program works: tests of its provider, and trials of a release that was held back,
 * must not depend on what the product believes today.
 */
export const trusted = (program: string, kind: string): readonly Release[] => [
  { program, kind, release: '0', verdict: 'proven', faults: 0, on: '' },
];
