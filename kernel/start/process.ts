import { devNull } from 'node:os';
import { findUserHome, locateHome } from '../../sdk/system/home.ts';
import { readVersion } from '../../runtime/installation.ts';
import type { KernelLog } from '../../runtime/log/silent-log.ts';
import type { KernelStart } from './assembly.ts';

/** Makes this process one that a kernel may run in. */
export function prepareProcess(): Pick<KernelStart, 'home' | 'version' | 'env'> {
  // Libraries write files in the home too. All must be readable by their owner only.
  process.umask(0o077);
  const home = locateHome();
  // Libraries fail without a home, and vendor programs use HOME too. Nothing can be created below /dev/null.
  if (process.platform !== 'win32') process.env['HOME'] ||= findUserHome() ?? devNull;
  return { home, version: readVersion(), env: process.env };
}

/** An error that a plugin leaves unhandled must not end the process. */
export function surviveErrors(log: KernelLog): void {
  process.on('unhandledRejection', error => log.error({ err: error }, 'a rejection was not handled'));
  process.on('uncaughtException', error => log.error({ err: error }, 'an error was not caught'));
}
