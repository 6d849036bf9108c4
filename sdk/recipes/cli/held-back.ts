import type { ProviderContext } from '../../plugin/provider.ts';
import { believe, isEverHeldBack, RELEASES } from '../../vendors/releases.ts';

/** A program of a vendor, in the table of releases, and the way in which it is asked. */
export type Asked = {
  /** Its name in the table. */
  readonly vendor: string;
  readonly kind: string;
  readonly program: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
};

const VERSION_LIMIT_MS = 20_000;

/**
 * Why this release of a program is only watched; undefined if it may be asked. Programs are slow to print their
 * version, so only one of which some release is held back has to.
 */
export async function whyHeldBack(
  { vendor, kind, program, env }: Asked,
  { exec, log }: Pick<ProviderContext, 'exec' | 'log'>,
  all = RELEASES,
): Promise<string | undefined> {
  if (!isEverHeldBack(vendor, kind, all)) return undefined;
  const { stdout } = await exec(program, ['--version'], { env, timeoutMs: VERSION_LIMIT_MS });
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0];
  if (version === undefined) return `${vendor} did not say which release it is, and some are only watched.`;
  const { verdict, reason } = believe(vendor, kind, version, all);
  if (verdict !== 'held-back') return undefined;
  log.warn({ vendor, version, reason }, 'this release is held back, so it is only watched');
  return heldBack(vendor, version);
}

/** What the user sees. docs/vendors.md has the reasons. */
export const heldBack = (vendor: string, version: string): string =>
  `${vendor} ${version} did not pass the tests of its releases, so it is only watched until another one is installed.`;
