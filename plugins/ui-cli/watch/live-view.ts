import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { Screen } from '../context/screen.ts';
import { paced, type SetTimer } from './pace.ts';

/** A frame of the live view. */
export type Frame = {
  readonly text: string;
  /** How long it stays right if nothing changes: times on it go on. */
  readonly holdsMs: number;
};

/** Draws when something changes, and when a time that is shown does. */
export interface LiveView {
  draw(): void;
  /** After Ctrl-Z the terminal shows other text. A job that is stopped or in the background leaves it alone. */
  resume(isInForeground: boolean): void;
  end(): void;
}

/** The shortest time between two frames. A user does not read faster. */
const FRAME_MS = 200;

/** Shows in a terminal what `render` returns. Elsewhere nothing is rendered. */
export function createLiveView(screen: Screen, render: () => Frame, setTimer: SetTimer): LiveView {
  let shown: string | undefined;
  let cancelTick: Cleanup = () => undefined;
  let isHidden = false;
  const pace = paced(frame, FRAME_MS, setTimer);

  function frame(): void {
    void cancelTick();
    const { text, holdsMs } = render();
    const picture = `${screen.view().width} ${text}`;
    if (picture !== shown) screen.draw(text);
    shown = picture;
    cancelTick = setTimer(pace.run, holdsMs);
  }

  const stop = () => {
    void cancelTick();
    pace.stop();
  };
  const draw = () => {
    if (screen.live && !isHidden) pace.run();
  };
  return {
    draw,
    resume: isInForeground => {
      stop();
      isHidden = !isInForeground;
      shown = undefined;
      screen.leave();
      draw();
    },
    end: stop,
  };
}
