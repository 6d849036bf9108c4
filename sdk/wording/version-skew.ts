import type { KernelInfo } from '../contract/rpc.ts';

/** What is wrong, and the command that mends it. */
export type VersionSkew = { readonly message: string; readonly action?: string | undefined };

const RESTART = 'keepalive restart';

/**
 * Whether the daemon should be restarted after an update. `own` is the version of the program that asks, if it is not
 * served by the daemon.
 */
export function versionSkewOf(
  { version, installedVersion, rebuiltAt }: Pick<KernelInfo, 'version' | 'installedVersion' | 'rebuiltAt'>,
  own?: string,
): VersionSkew | undefined {
  const installed = installedVersion ?? own;
  if (installed !== undefined && installed !== version)
    return { message: `The daemon still runs version ${version}. Version ${installed} is installed.`, action: RESTART };
  if (own !== undefined && own !== version) {
    if (isOlder(own, version)) return { message: `This is version ${own}. The daemon is newer: version ${version}.` };
    return { message: `The daemon runs version ${version}. This is version ${own}.`, action: RESTART };
  }
  if (rebuiltAt !== undefined)
    return { message: `The daemon still runs an earlier build of version ${version}.`, action: RESTART };
  return undefined;
}

/** The same in one line, with its command between backticks. */
export function describeVersionSkew(...asked: Parameters<typeof versionSkewOf>): string | undefined {
  const { message, action } = versionSkewOf(...asked) ?? {};
  return action === undefined ? message : `${message} Restart to update: \`${action}\`.`;
}

function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map(version => version.split(/[.+-]/).slice(0, 3).map(Number));
  const at = a?.findIndex((part, index) => part !== b?.[index]) ?? -1;
  return at >= 0 && Number(a?.[at]) < Number(b?.[at]);
}
