import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { believe, RELEASES, type Belief } from '../../sdk/vendors/releases.ts';
import type { ClaudeHome } from './home.ts';

/** How claude is started to make it renew its login. */
export type TouchKind = 'mcp' | 'status';

/** What is believed of a release that is asked in one way. */
export type Release = Omit<Belief, 'lockStaleMs'> & {
  readonly version: string;
  /** How long an abandoned lock keeps others out, in milliseconds. */
  readonly lockStaleMs: number;
};

/** The longest time that any release was seen to wait. */
const LOCK_STALE_MS = 60_000;

export const releaseOf = (version: string, kind: TouchKind, all = RELEASES): Release => ({
  lockStaleMs: LOCK_STALE_MS,
  ...believe('claude', kind, version, all),
  version,
});

/** The version of claude. Printing it renews nothing and writes nothing. */
export async function askVersion(program: string, { env }: ClaudeHome, { exec }: ProviderContext): Promise<string> {
  const { stdout } = await exec(program, ['--version'], { env, timeoutMs: 10_000 });
  return /^\d+(\.\d+)+/.exec(stdout.trim())?.[0] ?? 'of unknown version';
}
