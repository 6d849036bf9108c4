import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';

/** File systems that several machines mount. */
const SHARED_TYPES =
  /^(nfs4?|cifs|smb3|smbfs|9p|virtiofs|ceph|glusterfs|lustre|afs|fuse\.(sshfs|glusterfs|s3fs|rclone))$/;

type Mount = { readonly at: string; readonly root: string; readonly type: string; readonly source: string };

/** What is read of this machine. */
export type Places = {
  /** The text of /proc/self/mountinfo; undefined where there is none. */
  readonly mounts: string | undefined;
  /** Differs from machine to machine, and is the same in all containers of one. */
  readonly machine: string;
  /** Identifies a folder on this machine; undefined if there is none. */
  readonly folder: (path: string) => string | undefined;
};

/**
 * A name of a store that is the same on all machines and in all containers that see this very file. A file that is
 * only seen here has a name that no other machine gives it.
 */
export function storePlace(store: string, { mounts, machine, folder }: Places): string {
  if (!isAbsolute(store)) return `${machine}:${store}`;
  const mount = mounts === undefined ? undefined : mountOf(store, parseMounts(mounts));
  if (mount && SHARED_TYPES.test(mount.type)) return `${mount.source}:${join(mount.root, relative(mount.at, store))}`;
  return `${machine}:${folder(dirname(store)) ?? dirname(store)}:${basename(store)}`;
}

function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap(line => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, at] = before.split(' ');
    const [type, source] = after.split(' ');
    if (root === undefined || at === undefined || type === undefined || source === undefined) return [];
    return [{ root: unescape(root), at: unescape(at), type, source: unescape(source) }];
  });
}

/** The kernel writes spaces and the like as octal numbers. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));

/** The mount that the path is on: the last of the longest. */
function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const above = mounts.filter(({ at }) => path === at || path.startsWith(at === '/' ? at : `${at}/`));
  return above.reduce<Mount | undefined>(
    (best, one) => (best && best.at.length > one.at.length ? best : one),
    undefined,
  );
}

/** The places of this machine. `instance` identifies it where the system has nothing better. */
export function placesHere(instance: string): Places {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  return {
    mounts: read('/proc/self/mountinfo'),
    // A clone of a machine has another one once it runs, and the same machine-id.
    machine: read('/proc/sys/kernel/random/boot_id') ?? instance,
    folder(path) {
      const { dev, ino } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {};
      return ino === undefined ? undefined : `${dev}:${ino}`;
    },
  };
}
