import type { Instant, Session } from '../../../sdk/contract/session.ts';
import type { Screen } from '../context/screen.ts';

/** Draws when something changes, and when a time that is shown does. */
export interface LiveView {
  draw(): void;
  /** After Ctrl-Z the terminal shows other text. A job that is stopped or in the background leaves it alone. */
  resume(isInForeground: boolean): void;
  end(): void;
}

/** Shows in a terminal what `render` returns. Elsewhere nothing is rendered. */
export function createLiveView(screen: Screen, render: () => string, sessions: () => readonly Session[]): LiveView {
  let shown: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isHidden = false;
  const draw = () => {
    clearTimeout(timer);
    if (!screen.live || isHidden) return;
    const { now, width } = screen.view();
    const block = render();
    const picture = `${width} ${block}`;
    if (picture !== shown) screen.draw(block);
    shown = picture;
    timer = setTimeout(draw, nextChangeMs(sessions(), now));
  };
  return {
    draw,
    resume: isInForeground => {
      isHidden = !isInForeground;
      shown = undefined;
      screen.leave();
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
  const times = sessions.flatMap(
    ({ state, lastSuccessAt, lastRenewedAt, nextAttemptAt, expiresAt, loginExpiresAt }) => [
      state.name === 'refreshing' ? state.since : undefined,
      lastSuccessAt,
      lastRenewedAt,
      nextAttemptAt,
      expiresAt,
      loginExpiresAt,
    ],
  );
  const isNear = times.some(at => at !== undefined && Math.abs(at - now) < MINUTE + CALM_MS);
  return isNear ? SECOND : CALM_MS;
}
