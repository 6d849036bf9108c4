import { KeepaliveError } from '../../sdk/errors.ts';
import { describeLoose, looseAt } from '../../sdk/loose.ts';
import type { Digests } from '../../sdk/named-files.ts';
import { readPlainFile } from '../../sdk/plain-file.ts';
import { addedTo, changedOf } from '../../sdk/trust.ts';

/** Why a configuration may be used, and with it the plugins that it names. */
export type Vetting =
  /** A person named it with --config: nothing more is asked. */
  | { readonly by: 'name' }
  /** It is in the user's own folder: only the user and the system may write the file of a plugin. */
  | { readonly by: 'owner' }
  /** It was trusted, with these files of code. */
  | { readonly by: 'trust'; readonly files: Digests };

/** Throws `KA_PLUGIN_UNTRUSTED` where the file of a plugin must not be run. */
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
  return changed === undefined ? undefined : `${changed} is not what was trusted. Look at it, then \`keepalive config trust\`.`;
}

const changeAt = async (file: string, files: Digests, stateDir: string): Promise<string | undefined> =>
  (await changedOf(files)) ?? addedTo(files, { file, bytes: await readPlainFile(file), isConfig: false }, stateDir);
