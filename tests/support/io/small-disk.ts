import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from '../running-test.ts';

const IS_ROOT = process.getuid?.() === 0;
const UNSHARE = ['unshare', ...(IS_ROOT ? [] : ['--map-root-user']), '--mount'];
const ENTER = ['nsenter', ...(IS_ROOT ? [] : ['--user', '--preserve-credentials']), '--mount'];

/** Whether a process can have its own mounts. That needs root or user namespaces. */
export const CAN_MOUNT =
  process.platform === 'linux' &&
  spawnSync('unshare', [...UNSHARE.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;

/** A file system of that size, visible only to the process that is started `within` it. */
export function smallDisk(bytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    within: [...UNSHARE, 'sh', '-c', `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`, folder],
  };
}

/** The disk of a running process. */
export function mountedDisk(folder: string, pid: number | undefined) {
  const seen = (path: string) => `/proc/${pid}/root${path}`;
  const ballast = seen(join(folder, 'ballast'));
  const remount = (option: 'ro' | 'rw') => {
    const [program = '', ...args] = [
      ...ENTER,
      '--target',
      String(pid),
      'mount',
      '-o',
      `remount,bind,${option}`,
      folder,
    ];
    execFileSync(program, args);
  };
  return {
    /** The path at which other processes see it. */
    seen,
    /** Writes until the disk is full. */
    fill() {
      for (let bytes = 65_536; bytes >= 1;) {
        try {
          writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' });
        } catch {
          bytes /= 4;
        }
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    protect: () => remount('ro'),
    unprotect: () => remount('rw'),
  };
}
