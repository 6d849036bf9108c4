import type { Release } from '../../../sdk/vendors/releases.ts';

/** A row of a table of releases, of a program that is no real one. */
export const releaseRow = (release: string, verdict: Release['verdict'], more: Partial<Release> = {}): Release => ({
  program: 'tool',
  release,
  kind: 'ask',
  verdict,
  on: '2026-01-10',
  faults: 40,
  ...more,
});
