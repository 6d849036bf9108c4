import type { Cleanup } from '../base/cleanup.ts';
import type { WarmUp, WarmUpRun } from '../contract/rpc.ts';
import type { Session } from '../contract/session.ts';
import type { Files } from './files.ts';

/** What the kernel gives for an answer about warm-ups. */
export type WarmUpsContext = {
  readonly files: Files;
  readonly now: number;
  readonly sessions: readonly Session[];
};

/** The warm-up of a plugin, as the kernel shows it. Each call reads its state from the disk. */
export type WarmUps = {
  /** `plan`: how many of the next times. */
  readonly show: (plan: number, context: WarmUpsContext) => Promise<WarmUp>;
  /** Newest first. */
  readonly history: (context: WarmUpsContext) => Promise<readonly WarmUpRun[]>;
  /** Resumes it after it has paused itself. */
  readonly resume: (context: WarmUpsContext) => Promise<void>;
  /** Forgets its runs and its pause. When its account last got a prompt stays known. */
  readonly forget: (context: WarmUpsContext) => Promise<void>;
  /** Calls after each run, also a skipped one. */
  readonly onRun: (listener: (run: WarmUpRun) => void) => Cleanup;
};
