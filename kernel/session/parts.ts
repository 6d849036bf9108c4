import type { Instant } from '../../sdk/session.ts';
import type { Events } from '../events.ts';
import type { KernelLog } from '../log.ts';
import type { Contexts } from '../plugins/context.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Logins } from './logins.ts';
import type { StateStore } from './store.ts';

/** What an attempt depends on. */
export type AttemptParts = {
  readonly contexts: Contexts;
  readonly store: StateStore;
  readonly logins: Logins;
  /** Resolves once every session was inspected, or one of them takes too long. */
  readonly firstLooks: () => Promise<void>;
  /** Looks at the store of another session; false where that is not possible. */
  readonly lookAt: (id: string) => Promise<boolean>;
  readonly log: KernelLog;
  readonly scrub: (text: string) => string;
  readonly now: () => Instant;
};

/** What a keeper depends on. */
export type KeeperParts = AttemptParts & {
  readonly scheduler: Scheduler;
  readonly events: Events;
  /** Limits how many attempts run at once. */
  readonly limit: <T>(run: () => Promise<T>) => Promise<T>;
  readonly random: () => number;
};
