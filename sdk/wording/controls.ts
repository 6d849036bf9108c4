import { unreachable } from '../base/unreachable.ts';
import type { Session } from '../contract/session.ts';

/** How the user switches a session off, or on again. `enable` is for one that its policy has switched off. */
export type Control = 'pause' | 'resume' | 'retry' | 'enable';

export const CONTROL_LABELS: Readonly<Record<Control, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Try again',
  enable: 'Resume',
};

type Facts = Pick<Session, 'state'>;

export const isPaused = ({ state }: Facts): boolean => state.name === 'halted' && state.why === 'paused';

/** What the user can switch about a session now. */
export function controlsOf({ state }: Facts): readonly Control[] {
  if (state.name !== 'halted') return ['pause'];
  if (state.disabled) return ['enable'];
  switch (state.why) {
    case 'paused':
      return ['resume'];
    case 'too-many-failures':
      return ['retry', 'pause'];
    case 'login-required':
    case 'unavailable':
      return ['pause'];
    default:
      return unreachable(state);
  }
}
