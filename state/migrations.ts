import { stat } from 'node:fs/promises';
import { STATES_VERSION } from '../sdk/contract/session.ts';
import type { Home } from '../sdk/system/home.ts';
import { headerOf } from '../sdk/contract/states-layout.ts';
import { readPlainFile } from '../sdk/system/plain-file.ts';
import { parseJson } from '../runtime/files/own-file.ts';
import { MAX_BYTES } from '../runtime/files/quarantine.ts';
import { refuseNewer, type Versions } from '../runtime/files/versions.ts';
import { PAGES_FILE } from '../server/kept-pages.ts';

/**
 * The files of the home that have a version. A new member needs no new version, because every version keeps the members
 * that it does not know. A new value of a union, or another meaning of a member, needs one, and a step from the last.
 */
export const MIGRATIONS = {
  states: { current: STATES_VERSION, steps: {} },
  settings: { current: 1, steps: {} },
  pages: PAGES_FILE,
  days: { current: 1, steps: {} },
  notices: { current: 1, steps: {} },
  warmUps: { current: 1, steps: {} },
} as const satisfies Partial<Record<keyof Home, Versions>>;

/**
 * Throws `KA_HOME_NEWER` if a newer version wrote one of these files. Called before anything in the home is touched. It
 * skips files that cannot be read, or that another user left there: those are set aside later.
 */
export async function refuseNewerHome(home: Home): Promise<void> {
  for (const name of ['states', 'settings', 'pages', 'days', 'notices', 'warmUps'] as const)
    await refuseNewerFile(home[name], MIGRATIONS[name]);
}

async function refuseNewerFile(file: string, versions: Versions): Promise<void> {
  if (!(await isOwn(file))) return;
  const bytes = await readPlainFile(file, MAX_BYTES).catch(() => undefined);
  if (bytes) refuseNewer(file, headerOf(bytes.toString('utf8', 0, 256)) ?? parseJson(bytes.toString('utf8')), versions);
}

async function isOwn(file: string): Promise<boolean> {
  const user = process.geteuid?.();
  if (user === undefined) return true;
  return stat(file).then(
    ({ uid }) => [0, user].includes(uid),
    () => false,
  );
}
