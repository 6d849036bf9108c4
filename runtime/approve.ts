import { KeepaliveError } from '../sdk/contract/errors.ts';
import { describeLoose, looseAt } from '../sdk/config-file/loose.ts';
import type { Digests } from '../sdk/config-file/named-files.ts';
import { readPlainFile } from '../sdk/system/plain-file.ts';
import { addedTo, changedOf } from '../sdk/config-file/trust.ts';

/** Why a configuration, and the plugins that it names, may be used. */
export type Vetting =
  /** Named with --config: no further checks. */
  | { readonly by: 'name' }
  /** In the user's own folder: plugin files must be writable by the user and the system only. */
  | { readonly by: 'owner' }
  /** Trusted, together with these code files. */
  | { readonly by: 'trust'; readonly files: Digests };

/** Throws `KA_PLUGIN_UNTRUSTED` if the plugin file must not be run. */
export async function approve(module: string, path: string, vetting: Vetting, stateDir: string): Promise<void> {
  const problem = await problemOf(path, vetting, stateDir);
  if (problem !== undefined) throw new KeepaliveError('KA_PLUGIN_UNTRUSTED', { module, path }, new Error(problem));
}

async function problemOf(path: string, vetting: Vetting, stateDir: string): Promise<string | undefined> {
  if (vetting.by === 'name') return undefined;
  const loose = await looseAt(path);
  if (loose) return `${describeLoose(loose)}.`;
  if (vetting.by === 'owner') return undefined;
  const changed = Object.hasOwn(vetting.files, path) ? await changeAt(path, vetting.files, stateDir) : path;
  return changed === undefined
    ? undefined
    : `${changed} is not what was trusted. Review it, then run \`keepalive config trust\`.`;
}

const changeAt = async (file: string, files: Digests, stateDir: string): Promise<string | undefined> =>
  (await changedOf(files)) ?? addedTo(files, { file, bytes: await readPlainFile(file), isConfig: false }, stateDir);
