import { aborted } from '../../../sdk/base/aborted.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { Board } from '../render/board.ts';
import { overviewOf } from './load-overview.ts';
import { narrow } from './model.ts';
import { afterMs, paced } from './pace.ts';
import { subscribe } from './subscribe.ts';

const TOGETHER_MS = 100;

type RecordOptions = {
  readonly ids: readonly string[] | undefined;
  /** Called when the board may have changed, at most ten times a second. */
  readonly show: (board: Board) => void;
  readonly onLost: () => void;
  readonly until: AbortSignal;
};

/** Keeps a board as the daemon is until the signal is aborted, for what programs read. */
export async function follow(client: KeepaliveClient, options: RecordOptions): Promise<Board> {
  const { ids, show, onLost, until } = options;
  const board = new Board();
  let isLoaded = false;
  const pace = paced(() => isLoaded && show(board), TOGETHER_MS, afterMs);
  const { cleanups, loaded } = subscribe(client, board, {
    concerns: id => !ids || ids.includes(id),
    now: Date.now,
    report: () => undefined,
    load: async () => narrow(await overviewOf(client), ids),
    onChange: pace.run,
    onLoaded: () => {
      isLoaded = true;
      pace.run();
    },
    onLost,
  });
  await loaded;
  await aborted(until);
  pace.stop();
  for (const cleanup of cleanups) void cleanup();
  return board;
}
