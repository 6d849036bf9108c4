import { watch } from 'node:fs';
import type { Finding } from '../../sdk/contract/rpc.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';

/** The sysctl to raise on Linux, by the error of the failed watch. */
const SETTINGS: Readonly<Record<string, string>> = {
  ENOSPC: 'max_user_watches=524288',
  EMFILE: 'max_user_instances=1024',
};

const LATE =
  'A renewed login and a changed configuration are noticed up to five minutes late, a first sign-in ten seconds';

/** Tries to watch a folder; tests pass their own. */
type Open = (folder: string) => { close(): void };

/** What doctor says if the system does not allow a folder to be watched. */
export function watchFinding(folder: string, open: Open = path => watch(path)): Finding | undefined {
  try {
    open(folder).close();
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    const setting = process.platform === 'linux' ? SETTINGS[errnoOf(error)] : undefined;
    const action = setting === undefined ? 'Close programs that watch many files' : `sudo sysctl fs.inotify.${setting}`;
    const message = `No file can be watched (${errnoOf(error)}). ${LATE}`;
    return { level: 'warning', subject: 'watch', message, action };
  }
}
