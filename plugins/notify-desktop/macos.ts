import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { textOf } from '../../sdk/recipes/notice/text.ts';
import type { Desktop } from './desktop.ts';

const SCRIPT = [
  'on run argv',
  'display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)',
  'end run',
];

/** Apple's notification centre. A script cannot withdraw a notice there. */
export const macos: Desktop = {
  async show(notice, { exec, signal }) {
    // The texts are arguments of the script, never part of it.
    const args = [...SCRIPT.flatMap(line => ['-e', line]), 'Session Keepalive', notice.title, textOf(notice)];
    const { exitCode } = await exec('osascript', args, { timeoutMs: 10_000, signal });
    if (exitCode !== 0) throw new KeepaliveError('KA_PROGRAM_FAILED', { program: 'osascript', exitCode });
  },
};
