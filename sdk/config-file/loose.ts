import type { Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';

/** Why another user could change a file. */
export type Loose = {
  /** The file, link or folder that is not the user's alone. */
  readonly path: string;
  readonly why: string;
};

const MAX_LINKS = 40;
/** The owner that Linux shows for users outside this process's user namespace. */
const UNMAPPED = 65_534;

/**
 * Why another user could change the file: they own or may write it, a link to it, or a folder on the way from the
 * user's home (from the root, if it is elsewhere). Undefined if only the user and the system can, and for no file.
 */
export async function looseAt(file: string): Promise<Loose | undefined> {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const user: User = { uid, groups: await privateGroups(uid), unmapped: await isPartlyMapped() };
  for await (const { path, facts } of stepsTo(resolve(file), { links: MAX_LINKS })) {
    const why = isAbove(path, userHome()) ? undefined : looseness(facts, user);
    if (why !== undefined) return { path, why };
  }
  return undefined;
}

/** The same as a sentence. */
export const describeLoose = ({ path, why }: Loose): string => `${path} ${why}`;

type User = { readonly uid: number; readonly groups: ReadonlySet<number>; readonly unmapped: boolean };
type Step = { readonly path: string; readonly facts: Stats };

/** Every folder, link and file on the way. Ends at the first that is missing. */
async function* stepsTo(file: string, left: { links: number }): AsyncGenerator<Step, string | undefined> {
  let at = parse(file).root;
  const names = relative(at, file).split(sep).filter(Boolean);
  for (const name of ['', ...names]) {
    at = join(at, name);
    const facts = await lstat(at).catch(() => undefined);
    if (!facts) return undefined;
    yield { path: at, facts };
    if (!facts.isSymbolicLink()) continue;
    if ((left.links -= 1) < 0) return undefined;
    const target: string | undefined = yield* stepsTo(resolve(dirname(at), await readlink(at)), left);
    if (target === undefined) return undefined;
    at = target;
  }
  return at;
}

/** The user's home; the root if it is unknown, so that every folder on the way counts. */
function userHome(): string {
  try {
    return homedir();
  } catch {
    return sep;
  }
}

/** Folders above the user's home are the system's, however they look in a container. */
const isAbove = (path: string, home: string): boolean =>
  path !== home && `${home}${sep}`.startsWith(path.endsWith(sep) ? path : `${path}${sep}`);

function looseness(facts: Stats, { uid, groups, unmapped }: User): string | undefined {
  const isFolder = facts.isDirectory();
  const isSystems = facts.uid === 0 || (unmapped && isFolder && facts.uid === UNMAPPED);
  if (facts.uid !== uid && !isSystems) return 'belongs to another user';
  // The mode of a link means nothing; in a sticky folder, others cannot replace what is not theirs.
  if (facts.isSymbolicLink() || (isFolder && (facts.mode & 0o1000) !== 0)) return undefined;
  if ((facts.mode & 0o002) !== 0) return 'can be written by every user: `chmod go-w` fixes that';
  if ((facts.mode & 0o020) !== 0 && !groups.has(facts.gid))
    return 'can be written by its group: `chmod g-w` fixes that';
  return undefined;
}

/** Groups without other users: root's, and the user's private one, for which many systems make files writable. */
async function privateGroups(uid: number): Promise<ReadonlySet<number>> {
  const gid = process.getegid?.();
  const [groups, users] = await Promise.all(
    ['/etc/group', '/etc/passwd'].map(async file => {
      const text = await readFile(file, 'utf8').catch(() => '');
      return text.split('\n').map(line => line.split(':'));
    }),
  );
  const username = users?.find(([, , id]) => Number(id) === uid)?.[0];
  const entry = groups?.find(([, , id]) => Number(id) === gid);
  const members = entry ? (entry[3] ?? '').split(',').filter(Boolean) : undefined;
  const others = users?.some(([name, , , id]) => name !== username && Number(id) === gid);
  // The users and groups of a directory server are in no file; private groups have their user's number.
  const isPrivate =
    process.platform === 'linux' && !others && (members ? members.every(name => name === username) : gid === uid);
  return new Set(gid !== undefined && isPrivate ? [0, gid] : [0]);
}

async function isPartlyMapped(): Promise<boolean> {
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => '');
  return map !== '' && !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}
