import type { Instant, Session } from '../../../sdk/contract/session.ts';
import type { Screen } from '../context/screen.ts';

/** Draws when something changes, and when a time that is shown does. */
export interface LiveView {
  draw(): void;
  /** Draws even if nothing has changed: something else may have written to the terminal. */
  redraw(): void;
  end(): void;
}

/** Shows in a terminal what `render` returns. Elsewhere nothing is rendered. */
export function createLiveView(screen: Screen, render: () => string, sessions: () => readonly Session[]): LiveView {
  let shown: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    if (!screen.live) return;
    clearTimeout(timer);
    const { now, width } = screen.view();
    const block = render();
    const picture = `${width} ${block}`;
    if (picture !== shown) screen.draw(block);
    shown = picture;
    timer = setTimeout(draw, nextChangeMs(sessions(), now));
  };
  return {
    draw,
    redraw: () => {
      shown = undefined;
      draw();
    },
    end: () => clearTimeout(timer),
  };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Times further away are shown in whole minutes. */
const CALM_MS = 20 * SECOND;

/** When a time on the screen changes: seconds are shown of what is less than a minute away. */
export function nextChangeMs(sessions: readonly Session[], now: Instant): number {
  const times = sessions.flatMap(({ state, lastAttempt, lastRenewedAt, nextAttemptAt, expiresAt, loginExpiresAt }) => [
    state.name === 'refreshing' ? state.since : undefined,
    lastAttempt?.endedAt,
    lastRenewedAt,
    nextAttemptAt,
    expiresAt,
    loginExpiresAt,
  ]);
  const isNear = times.some(at => at !== undefined && Math.abs(at - now) < MINUTE + CALM_MS);
  return isNear ? SECOND : CALM_MS;
}
