import type { EventEmitter } from 'node:events';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Notices } from '../notices/notices.ts';
import type { Sessions } from '../session/sessions.ts';
import type { WarmUpNotices } from '../warm-ups/warm-up-notices.ts';
import type { Days } from '../../state/days.ts';
import type { Events, KernelEvents } from '../wiring/tokens.ts';

export type Listeners = {
  readonly sessions: Pick<Sessions, 'settleLogin'>;
  readonly notices: Pick<Notices, 'follow'>;
  readonly days: Pick<Days, 'follow'>;
  readonly warmUpNotices: Pick<WarmUpNotices, 'settle'>;
  /** Sends a notification to every client. */
  readonly announce: (method: string, params: unknown) => void;
};

type Table = { readonly [E in keyof KernelEvents]: readonly ((...args: KernelEvents[E]) => void)[] };

/**
 * The listeners of each event, in calling order. Clients come last, so they get a notice before the change that caused
 * it.
 */
const tableOf = ({ sessions, notices, days, warmUpNotices, announce }: Listeners): Table => ({
  changed: [
    ({ id }) => sessions.settleLogin(id),
    session => notices.follow(session),
    session => days.follow(session),
    session => announce('session/didChange', session),
  ],
  attempted: [attempt => announce('session/didAttempt', attempt)],
  warningDue: [session => notices.follow(session)],
  raised: [notice => announce('notice/didRaise', notice)],
  cleared: [notice => announce('notice/didClear', notice)],
  warmedUp: [() => void warmUpNotices.settle(), run => announce('warmup/didRun', run)],
  reloaded: [file => announce('config/didChange', { file })],
  stopping: [reason => announce('kernel/willStop', { reason })],
});

/** Subscribes all listeners. Returns a function that removes them. */
export function subscribe(events: Events, listeners: Listeners): Cleanup {
  const emitter: EventEmitter = events;
  const table = Object.entries(tableOf(listeners));
  for (const [event, ofEvent] of table) for (const listener of ofEvent) emitter.on(event, listener);
  return () => {
    for (const [event, ofEvent] of table) for (const listener of ofEvent) emitter.off(event, listener);
  };
}
