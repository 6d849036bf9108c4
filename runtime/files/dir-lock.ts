import { mkdir, rmdir, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';
import { writing } from './durable.ts';
import { forgetHolder, holderOf, isHolderDead, recordHolder } from './lock-holder.ts';

const LONGEST_BEAT_MS = 2_500;
/** How rarely another program may touch its lock: proper-lockfile does so after half of the lifetime of the lock. */
const LONGEST_FOREIGN_BEAT_MS = 5_000;
/** Of the time between two looks at a lock, no more counts: the machine may have slept meanwhile. */
const STEP_MS = 500;
const FUTURE_MS = 60_000;
/** A stopped process (Ctrl-Z) keeps its lock for this long: it may have sent the token that the lock protects. */
const STOPPED_MS = 3_600_000;

/** How often we touch a lock that we hold. */
const beatMs = (staleMs: number): number => Math.min(staleMs / 4, LONGEST_BEAT_MS);

/** How often another program touches its lock. */
const foreignBeatMs = (staleMs: number): number => Math.min(staleMs / 2, LONGEST_FOREIGN_BEAT_MS);

/** A busy machine may delay a beat by a fifth. */
const PATIENCE = 1.2;

/**
 * Takes the directory lock `path` as proper-lockfile does: creates it, keeps touching it, removes it. Undefined if
 * another process holds it. Unlike with proper-lockfile, only one of two processes can take over a stale lock, a holder
 * keeps its lock while the machine sleeps, and the lock of a dead process of ours is taken over at once.
 */
export function takeDirLock(path: string, staleMs = 10_000): Promise<Cleanup | undefined> {
  return writing(path, async () => ((await obtain(path, staleMs)) ? keepYoung(path, staleMs) : undefined));
}

async function obtain(path: string, staleMs: number): Promise<boolean> {
  if (await make(path)) return true;
  const holder = await holderOf(path);
  if (holder === 'dead') return takeOver(path, staleMs, () => isHolderDead(path));
  const patienceMs = holder === 'alive' ? Math.max(staleMs, STOPPED_MS) : staleMs;
  return (await isStale(path, patienceMs)) && takeOver(path, staleMs, () => staysStale(path, staleMs));
}

async function make(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await recordHolder(path).catch(() => {}); // Without it, the lock is judged by its age.
  return true;
}

/** One process at a time, and each checks again. Otherwise the second would remove the new lock of the first. */
async function takeOver(path: string, staleMs: number, isFree: () => Promise<boolean>): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await takeTurn(turn, staleMs))) return false;
  try {
    if (!(await isFree())) return false;
    await remove(path);
    return await make(path);
  } finally {
    await remove(turn);
  }
}

async function takeTurn(turn: string, staleMs: number): Promise<boolean> {
  if (await make(turn)) return true;
  if (await isHolderDead(turn)) return takeOver(turn, staleMs, () => isHolderDead(turn));
  if (await isStale(turn, staleMs)) await remove(turn);
  return false;
}

/**
 * After the machine slept, every lock looks stale. A live holder touches its lock within one beat of awake time, some
 * of which may have passed while we looked before.
 */
async function staysStale(path: string, staleMs: number): Promise<boolean> {
  const before = await touchedAt(path);
  const longest = foreignBeatMs(staleMs) - (watched.get(path)?.awakeMs ?? 0);
  const watchMs = Math.max(longest, beatMs(staleMs)) * PATIENCE;
  for (let left = watchMs; left > 0; left -= STEP_MS) {
    // A long sleep would end at once after the machine slept. In short ones, at most one step is lost.
    await sleep(Math.min(left, STEP_MS));
    if ((await touchedAt(path)) !== before) return false;
  }
  return isStale(path, staleMs);
}

async function keepYoung(path: string, staleMs: number): Promise<Cleanup> {
  const touch = async () => {
    // Fractions of a millisecond distinguish two holders within the same millisecond.
    const now = (Date.now() + Math.random()) / 1_000;
    await utimes(path, now, now);
    return touchedAt(path);
  };
  const isOurs = async () => (await touchedAt(path)) === last;
  let last = await touch().catch(async (error: unknown) => {
    await remove(path).catch(() => {}); // The first error is the useful one.
    throw error;
  });
  let beating = Promise.resolve();
  const beat = async () => {
    if (await isOurs()) last = await touch();
    else clearInterval(timer);
  };
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => {}); // The next beat tries again; release checks by itself.
  }, beatMs(staleMs));
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beating;
    if (await isOurs().catch(() => false)) await remove(path).catch(() => {}); // It becomes stale by itself.
    last = Number.NaN;
  };
}

/** What is known of a lock since its holder last touched it. */
type Watched = {
  readonly mtimeMs: number;
  readonly since: number;
  readonly lookedAt: number;
  /** How long it has been unchanged while the machine was surely awake. */
  readonly awakeMs: number;
};

const watched = new Map<string, Watched>();

async function isStale(path: string, staleMs: number): Promise<boolean> {
  const mtimeMs = await touchedAt(path);
  if (mtimeMs === undefined) return false;
  const now = performance.now();
  const { since } = watch(path, mtimeMs, now);
  const age = Date.now() - mtimeMs;
  // After a clock was set back, the age of a lock with a future date proves nothing.
  return (age > -FUTURE_MS ? age : now - since) > staleMs;
}

function watch(path: string, mtimeMs: number, now: number): Watched {
  const seen = watched.get(path);
  const isSame = seen?.mtimeMs === mtimeMs;
  const next = isSame
    ? { ...seen, lookedAt: now, awakeMs: seen.awakeMs + Math.min(now - seen.lookedAt, STEP_MS) }
    : { mtimeMs, since: now, lookedAt: now, awakeMs: 0 };
  watched.set(path, next);
  return next;
}

/** When its holder last touched it; undefined if there is no lock. */
async function touchedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes the record first: a leftover record must never describe an existing lock. */
async function remove(path: string): Promise<void> {
  await forgetHolder(path);
  await rmdir(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
