import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { World } from '../world/world.ts';
import type { Fault } from './fault.ts';

// The machine is in the way: locks of other programs, a program that is killed, an attempt that is given up.

/** As precise as times of files are compared. */
const SAME_MS = 10;
const BEAT_MS = 1_000;

/**
 * Directory locks of this age. `isBeating` keeps them at this age until the fault ends, however slow the machine is, or
 * until another program has taken them.
 */
export const dirLocks = (ageMs: number, isBeating = false) =>
  async function before({ locks }: World): Promise<Cleanup> {
    const times = new Map<string, number>();
    const age = async (lock: string) => {
      const then = new Date(Date.now() - ageMs);
      times.set(lock, then.getTime());
      await utimes(lock, then, then);
    };
    const beat = async (lock: string) => {
      const { mtimeMs } = await stat(lock);
      if (Math.abs(mtimeMs - (times.get(lock) ?? 0)) < SAME_MS) await age(lock);
    };
    for (const lock of locks) {
      await mkdir(lock);
      await age(lock);
    }
    const beats = isBeating ? locks.map(lock => setInterval(() => void beat(lock).catch(() => {}), BEAT_MS)) : [];
    return async () => {
      beats.forEach(clearInterval);
      for (const lock of locks) await rm(lock, { recursive: true, force: true });
    };
  };

/** A lock of `flock` on the files, for some seconds. */
const flocks = (seconds: number) =>
  async function before({ locks }: World): Promise<Cleanup> {
    const children = locks.map(lock => spawn('flock', [lock, 'sleep', String(seconds)], { stdio: 'ignore' }));
    await sleep(300);
    return async () => void children.forEach(child => child.kill());
  };

export const MACHINE: readonly Fault[] = [
  {
    name: 'a lock that a running program holds',
    expects: 'temporary',
    needs: ['directory locks'],
    before: dirLocks(0, true),
  },
  // It may be taken while the program waits for it: claude 2.1.197 does so after ten seconds.
  { name: 'a lock that was just left behind', expects: 'either', needs: ['directory locks'], before: dirLocks(0) },
  {
    name: 'a lock that was left 70 seconds ago',
    expects: 'renewed',
    needs: ['directory locks'],
    before: dirLocks(70_000),
  },
  { name: 'a lock on files, for three seconds', expects: 'renewed', needs: ['flock'], before: flocks(3) },
  {
    name: 'a program that is killed before the token is spent',
    expects: 'failed',
    needs: ['program'],
    async exchange({ world, drop }) {
      await world.killProgram();
      drop();
    },
  },
  {
    name: 'a program that is killed after the token is spent',
    expects: 'lost',
    needs: ['program', 'rotation'],
    async exchange({ world, honest, drop }) {
      await honest();
      await world.killProgram();
      drop();
    },
  },
  {
    name: 'an attempt that is given up while the token is spent',
    expects: 'either',
    async exchange({ world, honest, send }) {
      const reply = await honest();
      world.giveUp();
      await sleep(2_000);
      await send(reply);
    },
  },
  { name: 'two keepers at the same time', expects: 'either', keepers: 2 },
];
