import type { Instant } from '../../sdk/contract/session.ts';
import type { Events } from '../wiring/events.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { ContextFactory } from '../plugins/context-factory.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Logins } from './logins.ts';
import type { StateStore } from '../state/states.ts';

/** What an attempt depends on. */
export type AttemptParts = {
  readonly contexts: ContextFactory;
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
