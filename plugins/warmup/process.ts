import { uptime } from 'node:os';
import { inTurn } from '../../sdk/base/in-turn.ts';
import type { Files } from '../../sdk/plugin/files.ts';

/** What all warm-ups of this process know together. */
export type Shared = {
  /** Runs one task after another, so that a warm-up does not take the program of another for a person's. */
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
  /** When this process last sent a prompt, by account and a clock that runs during sleep and cannot be set. */
  readonly sentAt: Map<string, number>;
};

const shared = new WeakMap<Files, Shared>();

/** The same for all warm-ups with these files, which one kernel has. */
export function sharedOf(files: Files): Shared {
  const found = shared.get(files) ?? { inTurn: inTurn(), sentAt: new Map<string, number>() };
  shared.set(files, found);
  return found;
}

/** The time since the machine started, in milliseconds. */
export const uptimeMs = (): number => uptime() * 1_000;
