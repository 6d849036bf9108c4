import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../base/errno.ts';

/** How often a held file is tried, and how long after each other; tests pass their own. */
export type Patience = { readonly tries: number; readonly wait: () => Promise<unknown> };

/** Scanners, backups and readers hold a file for less than a second. */
export const patienceOn = (platform: NodeJS.Platform): Patience => ({
  tries: platform === 'win32' ? 20 : 1,
  wait: () => sleep(50),
});

/** Windows refuses with one of these to open, replace or remove a file while another program holds it. */
const HELD: readonly string[] = ['EBUSY', 'EPERM', 'EACCES'];

/** Opens, replaces or removes a file. On Windows it waits up to a second for another program that holds it. */
export async function patiently<T>(work: () => Promise<T>, patience = patienceOn(process.platform)): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (patience.tries <= 1 || !HELD.includes(errnoOf(error))) throw error;
    await patience.wait();
    return patiently(work, { ...patience, tries: patience.tries - 1 });
  }
}
