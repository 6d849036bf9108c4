import { aborted } from '../../../sdk/base/aborted.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { overviewOf } from './load-overview.ts';
import type { Screen } from '../context/screen.ts';
import { describeFailure } from '../context/exit.ts';
import type { Keyboard } from '../context/keyboard.ts';
import { Board } from '../render/board.ts';
import { pressKey, type KeyTarget, type Quit } from './keys.ts';
import type { FormerWidths } from '../render/table.ts';
import { renderEvent, type KeyLine } from './lines.ts';
import { createEventLines } from './event-lines.ts';
import { createLiveView, type Frame } from './live-view.ts';
import { EMPTY, narrow, withEvent, type WatchEvent, type WatchModel } from './model.ts';
import { nextChangeMs } from './next-change.ts';
import { afterMs, type SetTimer } from './pace.ts';
import { renderWatch } from './render.ts';
import { subscribe } from './subscribe.ts';

type WatchOptions = {
  /** Only these sessions. */
  readonly ids?: readonly string[] | undefined;
  readonly keyboard: Keyboard;
  readonly quit: Quit;
  readonly until: AbortSignal;
  /** Tests replace it. */
  readonly setTimer?: SetTimer | undefined;
};

/** Shows sessions until the signal is aborted: a live view on a terminal, elsewhere a line for each event. */
export async function watch(
  client: KeepaliveClient,
  screen: Screen,
  { ids, keyboard, quit, until, setTimer = afterMs }: WatchOptions,
): Promise<readonly Session[]> {
  const board = new Board();
  let model = EMPTY;
  const hasKeys = screen.live && keyboard.isPresent;
  const now = () => screen.view().now;
  const frames = createFrames(board, () => model, screen, { quit, hasKeys });
  const view = createLiveView(screen, frames.next, setTimer);
  const lines = createEventLines(screen, setTimer);
  const change = (changes: Partial<WatchModel>) => {
    model = { ...model, ...changes };
    view.draw();
  };
  const report = (event: WatchEvent) => {
    if (screen.live) change(withEvent(model, event));
    else lines.print(renderEvent(event, screen.view()));
  };
  const { cleanups, loaded } = subscribe(client, board, {
    concerns: id => !ids || ids.includes(id),
    now,
    report,
    load: async () => narrow(await overviewOf(client), ids),
    onChange: view.draw,
    onLoaded: () => change({ connected: true }),
    onLost: () => change({ connected: false }),
  });
  await loaded;
  // The live view shows them already.
  if (!screen.live) for (const notice of board.notices) report({ kind: 'raised', at: notice.raisedAt, notice });
  const target: KeyTarget = {
    client,
    quit,
    sessions: () => board.digest(now()).entries.map(({ session }) => session),
    selected: () => model.selected,
    select: selected => change({ selected }),
    page: frames.page,
    toggleHelp: () => change({ showsHelp: !model.showsHelp }),
    say: text => report({ kind: 'message', at: now(), text }),
    describe: error => describeFailure(error, now()),
  };
  const unlisten = hasKeys && !until.aborted ? keyboard.listen(key => pressKey(key, target), view.resume) : undefined;
  await aborted(until);
  await unlisten?.();
  view.end();
  lines.end();
  for (const cleanup of cleanups) void cleanup();
  return board.sessions;
}

function createFrames(board: Board, model: () => WatchModel, screen: Screen, keys: KeyLine) {
  const former: FormerWidths = new Map();
  let page = 0;
  return {
    /** How many rows the last frame has. */
    page: () => page,
    next(): Frame {
      const view = screen.view();
      const digest = board.digest(view.now);
      const { text, sessions } = renderWatch({ digest, model: model(), keys, former }, view);
      page = sessions.length;
      return { text, holdsMs: Math.min(nextChangeMs(sessions, view.now), digest.until - view.now) };
    },
  };
}
