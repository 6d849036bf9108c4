import { EventEmitter } from 'node:events';
import type { Attempt, Notice, Session } from '../sdk/contract/session.ts';

/** What happens in the kernel. Everything that reacts to it (RPC, history, notices) listens here. */
export class Events extends EventEmitter<{
  changed: [session: Session];
  attempted: [attempt: Attempt];
  raised: [notice: Notice];
  cleared: [notice: Notice];
  reloaded: [file: string | null];
  stopping: [reason: string];
}> {}
