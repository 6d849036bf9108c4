import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Obstacle = {
  readonly what: string;
  /** Puts it where a file of the daemon's belongs. */
  readonly put: (file: string) => void;
  /** It can be used where size is no matter, or where what is missing may be made. */
  readonly harmless?: 'as a log' | 'as a note' | undefined;
  /** Why it cannot be had on this machine. */
  readonly missing?: string | undefined;
};

const isWindows = process.platform === 'win32';

/** What may have the name of a file without being one, or without being readable. */
export const OBSTACLES: readonly Obstacle[] = [
  { what: 'a folder', put: file => mkdirSync(file) },
  {
    what: 'a folder with something in it',
    put: file => {
      mkdirSync(file);
      writeFileSync(join(file, 'something'), '');
    },
  },
  {
    what: 'a pipe that nobody writes to',
    put: file => void execFileSync('mkfifo', [file]),
    missing: isWindows ? 'Windows has no such pipes' : undefined,
  },
  {
    what: 'a link that leads nowhere',
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
    missing: process.platform === 'linux' ? undefined : 'it would take the space there',
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

const NOBODY = 65_534;

/** Root gives a folder with all that is in it to a user who may not read everything. Gives that user's id, where there is need for another one. */
export function giveAway(folder: string): number | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const path of [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  ])
    lchownSync(path, NOBODY, NOBODY);
  return NOBODY;
}

/** As a user who may not read everything, in a folder of theirs. */
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
