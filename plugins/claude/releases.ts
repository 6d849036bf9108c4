import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { ClaudeHome } from './home.ts';

/** How claude is started to make it renew its login. */
export type TouchKind = 'mcp' | 'status';

export type Release = {
  readonly version: string;
  /** The touches that we have seen renew the login, wait until it is stored, and do nothing else. */
  readonly proven: readonly TouchKind[];
  /** How long an abandoned lock keeps others out, in milliseconds. */
  readonly lockStaleMs: number;
};

/** Observed by running these releases. Everything that depends on the version is here. */
const RELEASES: readonly (Omit<Release, 'version'> & { readonly from: string; readonly to: string })[] = [
  { from: '2.1.197', to: '2.1.197', proven: ['mcp', 'status'], lockStaleMs: 10_000 },
  { from: '2.1.198', to: '2.1.332', proven: ['mcp', 'status'], lockStaleMs: 60_000 },
];
const UNSEEN = { proven: [], lockStaleMs: 60_000 };

export function releaseOf(version: string): Release {
  const seen = RELEASES.find(({ from, to }) => compare(from, version) <= 0 && compare(version, to) <= 0);
  const { proven, lockStaleMs } = seen ?? UNSEEN;
  return { version, proven, lockStaleMs };
}

const compare = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/** The version of claude. Printing it renews nothing and writes nothing. */
export async function askVersion(program: string, { env }: ClaudeHome, { exec }: ProviderContext): Promise<string> {
  const { stdout } = await exec(program, ['--version'], { env, timeoutMs: 10_000 });
  return /^\d+(\.\d+)+/.exec(stdout.trim())?.[0] ?? 'of unknown version';
}
