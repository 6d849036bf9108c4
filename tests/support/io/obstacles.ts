import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Obstacle = {
  readonly what: string;
  /** Puts the obstacle in the place of one of the daemon's files. */
  readonly put: (file: string) => void;
  /** The use for which it is no obstacle. */
  readonly harmless?: 'as a log' | 'as a note' | undefined;
  /** Why it is not available on this machine. */
  readonly missing?: string | undefined;
};

const isWindows = process.platform === 'win32';

/** Things in the place of a file that are not files or are not readable. */
export const OBSTACLES: readonly Obstacle[] = [
  { what: 'a folder', put: file => mkdirSync(file) },
  {
    what: 'a folder that is not empty',
    put: file => {
      mkdirSync(file);
      writeFileSync(join(file, 'something'), '');
    },
  },
  {
    what: 'a pipe without a writer',
    put: file => void execFileSync('mkfifo', [file]),
    missing: isWindows ? 'Windows has no such pipes' : undefined,
  },
  {
    what: 'a broken link',
    put: file => symlinkSync(`${file}-elsewhere/nowhere`, file),
    harmless: 'as a note',
    missing: isWindows ? 'links need a privilege on Windows' : undefined,
  },
  {
    what: 'a link to itself',
    put: file => symlinkSync(file, file),
    missing: isWindows ? 'links need a privilege on Windows' : undefined,
  },
  {
    what: 'a device',
    put: file => symlinkSync('/dev/zero', file),
    missing: isWindows ? 'Windows has no such devices' : undefined,
  },
  {
    what: 'a file of three gigabytes',
    put: file => {
      writeFileSync(file, '');
      truncateSync(file, 3 * 2 ** 30);
    },
    harmless: 'as a log',
    missing: process.platform === 'linux' ? undefined : 'it would use real space there',
  },
  {
    what: 'a file that cannot be read',
    put: file => {
      writeFileSync(file, 'secret');
      chmodSync(file, 0);
    },
    missing: isWindows ? 'Windows has other permissions' : undefined,
  },
];

const UNPRIVILEGED = 65_534;

/** If run by root, gives a folder and its content to an unprivileged user. Returns that user's id. */
export function giveAway(folder: string): number | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const path of [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  ])
    lchownSync(path, UNPRIVILEGED, UNPRIVILEGED);
  return UNPRIVILEGED;
}

/** Runs work as an unprivileged user in a folder of that user. */
export async function asAnyUser<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const user = giveAway(folder);
  if (user === undefined) return work();
  process.seteuid?.(user);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
