import { readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import { isRunning, statOf } from '../../sdk/system/process-identity.ts';
import { removeFile } from './durable.ts';

/** Beside the lock: other programs remove the lock's folder with rmdir(2), so it must stay empty. */
const recordOf = (lock: string): string => `${lock}.holder`;

const recordSchema = z.object({
  /** Identifies the folder: another program may have created a new one with the same name since. */
  lock: z.string(),
  pid: z.number().int().positive(),
  startedAt: z.string(),
  scope: z.string(),
});

type Self = Pick<z.infer<typeof recordSchema>, 'pid' | 'startedAt' | 'scope'>;

/** This process; undefined if the system cannot distinguish it from a later one with its PID. */
let self: Promise<Self | undefined> | undefined;
const whoWeAre = () => (self ??= identify().catch(() => undefined));

/** Records beside a lock that this process holds it. Without the record, only the age of the lock counts. */
export async function recordHolder(lock: string): Promise<void> {
  const [us, identity] = await Promise.all([whoWeAre(), identityOf(lock)]);
  if (!us || !identity) return;
  await forgetHolder(lock);
  await writeFile(recordOf(lock), JSON.stringify({ lock: identity, ...us }), { mode: 0o600, flag: 'wx' });
}

export const forgetHolder = (lock: string): Promise<void> => removeFile(recordOf(lock));

/**
 * Whether the holder has provably ended, or is alive. A record from another boot, machine or container proves nothing:
 * a home may be shared, and processes elsewhere cannot be seen.
 */
export async function holderOf(lock: string): Promise<'dead' | 'alive' | 'unknown'> {
  try {
    const record = recordSchema.parse(JSON.parse((await readPlainFile(recordOf(lock))).toString('utf8')));
    const [us, identity] = await Promise.all([whoWeAre(), identityOf(lock)]);
    if (record.scope !== us?.scope || record.lock !== identity) return 'unknown';
    return hasEnded(record) ? 'dead' : 'alive';
  } catch {
    return 'unknown';
  }
}

export const isHolderDead = async (lock: string): Promise<boolean> => (await holderOf(lock)) === 'dead';

/** Undefined if the file system keeps no birth times. */
async function identityOf(folder: string): Promise<string | undefined> {
  const { ino, birthtimeNs } = await stat(folder, { bigint: true });
  return birthtimeNs > 0n ? `${ino}-${birthtimeNs}` : undefined;
}

async function identify(): Promise<Self | undefined> {
  if (process.platform !== 'linux') return undefined;
  const namespaces = ['pid', 'time'].map(name => readlink(`/proc/self/ns/${name}`).catch(() => name));
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const scope = [hostname(), boot.trim(), ...(await Promise.all(namespaces))].join(' ');
  const startedAt = statOf(process.pid)?.startedAt;
  // The /proc of another PID namespace would describe other processes.
  const isOurs = (await readlink('/proc/self')) === String(process.pid);
  return isOurs && startedAt !== undefined ? { pid: process.pid, startedAt, scope } : undefined;
}

/** A zombie stays listed until its parent reaps it. */
function hasEnded({ pid, startedAt }: Self): boolean {
  if (!isRunning(pid)) return true;
  const now = statOf(pid);
  if (!now) throw new Error(`/proc/${pid}/stat cannot be read.`);
  return now.startedAt !== startedAt || now.state === 'Z' || now.state === 'X';
}
