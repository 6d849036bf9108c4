import { readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { readPlainFile } from '../../sdk/plain-file.ts';
import { isRunning } from './durable.ts';

/** Beside the lock: programs that follow the protocol remove its folder with rmdir(2), so nothing may lie in it. */
const recordOf = (lock: string): string => `${lock}.holder`;

const recordSchema = z.object({
  /** Which folder it is about: another program may have made a new one of the same name since. */
  lock: z.string(),
  pid: z.number().int().positive(),
  startedAt: z.string(),
  scope: z.string(),
});

type Self = Pick<z.infer<typeof recordSchema>, 'pid' | 'startedAt' | 'scope'>;

/** This process; undefined where the system does not tell it from others of its id. It stays what it is. */
let self: Promise<Self | undefined> | undefined;
const whoWeAre = () => (self ??= identify().catch(() => undefined));

/** Writes down beside a lock that this process holds it. Without the record, the lock is judged by its age alone. */
export async function recordHolder(lock: string): Promise<void> {
  const [us, identity] = await Promise.all([whoWeAre(), identityOf(lock)]);
  if (!us || !identity) return;
  await forgetHolder(lock);
  await writeFile(recordOf(lock), JSON.stringify({ lock: identity, ...us }), { mode: 0o600, flag: 'wx' });
}

export const forgetHolder = (lock: string): Promise<void> => rm(recordOf(lock), { force: true });

/**
 * Whether the process that holds the lock is proven to have ended, or to live. A record of another boot, machine or
 * container proves nothing: a home may be shared, and what runs elsewhere cannot be seen from here.
 */
export async function holderOf(lock: string): Promise<'dead' | 'alive' | 'unknown'> {
  try {
    const record = recordSchema.parse(JSON.parse((await readPlainFile(recordOf(lock))).toString('utf8')));
    const [us, identity] = await Promise.all([whoWeAre(), identityOf(lock)]);
    if (record.scope !== us?.scope || record.lock !== identity) return 'unknown';
    return await hasEnded(record) ? 'dead' : 'alive';
  } catch {
    return 'unknown';
  }
}

export const isHolderDead = async (lock: string): Promise<boolean> => await holderOf(lock) === 'dead';

/** Undefined where the file system does not keep when a folder was made. */
async function identityOf(folder: string): Promise<string | undefined> {
  const { ino, birthtimeNs } = await stat(folder, { bigint: true });
  return birthtimeNs > 0n ? `${ino}-${birthtimeNs}` : undefined;
}

async function identify(): Promise<Self | undefined> {
  if (process.platform !== 'linux') return undefined;
  const namespaces = ['pid', 'time'].map(name => readlink(`/proc/self/ns/${name}`).catch(() => name));
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const scope = [hostname(), boot.trim(), ...await Promise.all(namespaces)].join(' ');
  const { startedAt } = await readStat(process.pid);
  // A /proc of other processes' ids would describe someone else.
  return await readlink('/proc/self') === String(process.pid) ? { pid: process.pid, startedAt, scope } : undefined;
}

/** A process that has ended stays in the list until its parent asks for its exit code. */
async function hasEnded({ pid, startedAt }: Self): Promise<boolean> {
  if (!isRunning(pid)) return true;
  const now = await readStat(pid);
  return now.startedAt !== startedAt || now.state === 'Z' || now.state === 'X';
}

/** The name, in brackets, may hold anything. */
async function readStat(pid: number): Promise<{ readonly state: string; readonly startedAt: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [state, , , , , , , , , , , , , , , , , , , startedAt] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!state || !startedAt) throw new Error('It is not as proc(5) says.');
  return { state, startedAt };
}
