import { unreachable } from '../../../sdk/base/unreachable.ts';
import type { Instant, SessionState } from '../../../sdk/contract/session.ts';
import type { PromptClass } from './items.ts';
import type { States } from './states-file.ts';

/** What the line is made of. */
export type PromptFacts = {
  readonly states: States | undefined;
  /** Whether a daemon runs, as far as that is known. */
  readonly daemon: 'running' | 'stopped' | 'unknown';
  readonly now: Instant;
};

export type Doubt = {
  readonly class: PromptClass;
  readonly text: string;
  readonly tooltip: string;
  /** The command that helps. */
  readonly remedy?: 'start' | 'restart';
};

const DOUBTS = {
  newer: {
    class: 'unknown',
    text: 'update keepalive',
    tooltip: 'a newer version of keepalive wrote the states',
  },
  stopped: {
    class: 'stale',
    text: 'keepalive is not running',
    tooltip: 'no session is kept alive now: keepalive start',
    remedy: 'start',
  },
  silent: {
    class: 'stale',
    text: 'keepalive does not respond',
    tooltip: 'attempts are overdue: keepalive restart',
    remedy: 'restart',
  },
} as const satisfies Readonly<Record<string, Doubt>>;

/** A wake-up that is overdue by this much means that no daemon acts. A laptop that just woke up needs seconds. */
const OVERDUE_MS = 10 * 60_000;

/** Why the saved states cannot be relied on. Without saved states there is nothing to say. */
export function doubtOf({ states, daemon, now }: PromptFacts): Doubt | undefined {
  if (!states) return undefined;
  if (states.isNewer) return DOUBTS.newer;
  const isStopped = daemon === 'stopped' || (daemon === 'unknown' && states.stoppedAt !== undefined);
  if (isStopped) return DOUBTS.stopped;
  const isOverdue = Object.values(states.sessions).some(({ state }) => now - dueAt(state, now) > OVERDUE_MS);
  return isOverdue ? DOUBTS.silent : undefined;
}

/** When a running daemon changes the state at the latest. */
function dueAt(state: SessionState, now: Instant): Instant {
  switch (state.name) {
    case 'refreshing':
      return state.since;
    case 'idle':
    case 'alive':
    case 'waiting':
    case 'halted':
      return state.wakeAt ?? now;
    default:
      return unreachable(state);
  }
}
