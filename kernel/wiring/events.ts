import { EventEmitter } from 'node:events';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';

/** What happens in the kernel. `start/subscriptions.ts` lists the listeners. */
export type KernelEvents = {
  changed: [session: Session];
  attempted: [attempt: Attempt];
  raised: [notice: Notice];
  cleared: [notice: Notice];
  reloaded: [configFile: string | null];
  stopping: [reason: string];
};

export class Events extends EventEmitter<KernelEvents> {}
