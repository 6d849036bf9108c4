import type { EventEmitter } from 'node:events';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Fleet } from '../fleet/fleet.ts';
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
  readonly fleet: Pick<Fleet, 'show' | 'record' | 'raise' | 'clear'>;
  /** Sends a notification to every client. */
  readonly announce: (method: string, params: unknown) => void;
};

type Table = { readonly [E in keyof KernelEvents]: readonly ((...args: KernelEvents[E]) => void)[] };

/**
 * The listeners of each event, in calling order. Clients come last, so they get a notice before the change that caused
 * it.
 */
const tableOf = ({ sessions, notices, days, warmUpNotices, fleet, announce }: Listeners): Table => ({
  changed: [
    ({ id }) => sessions.settleLogin(id),
    session => notices.follow(session),
    session => days.follow(session),
    session => fleet.show(session),
    session => announce('session/didChange', session),
  ],
  attempted: [attempt => fleet.record(attempt), attempt => announce('session/didAttempt', attempt)],
  warningDue: [session => notices.follow(session)],
  raised: [notice => fleet.raise(notice), notice => announce('notice/didRaise', notice)],
  cleared: [notice => fleet.clear(notice), notice => announce('notice/didClear', notice)],
  warmedUp: [() => void warmUpNotices.settle(), run => announce('warmup/didRun', run)],
  fleetChanged: [() => announce('fleet/didChange', {})],
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
