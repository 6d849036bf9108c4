import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Notice, Session } from '../../../sdk/contract/session.ts';
import { isOfKernel } from '../../../sdk/wording/attention.ts';
import type { Board } from '../render/board.ts';
import type { ShownOverview } from '../render/digest.ts';
import type { WatchEvent } from './model.ts';

type Listener = {
  readonly concerns: (id: string) => boolean;
  readonly now: () => number;
  readonly report: (event: WatchEvent) => void;
  readonly load: () => Promise<ShownOverview>;
  readonly onLoaded: () => void;
  /** Called after the board has changed. */
  readonly onChange: () => void;
  readonly onLost: () => void;
};

type Subscription = {
  readonly cleanups: readonly Cleanup[];
  /** The first load. */
  readonly loaded: Promise<void>;
};

/** Keeps the board as the daemon is. What a notification does not say is loaded. */
export function subscribe(client: KeepaliveClient, board: Board, listener: Listener): Subscription {
  const { concerns, now, report, onChange, onLost } = listener;
  /** What has changed while an overview is loaded, which may not have it yet. */
  let meanwhile: (() => void)[] | undefined;
  const load = oneAtATime(async () => {
    const changes: (() => void)[] = [];
    meanwhile = changes;
    try {
      board.replace(await listener.load());
    } finally {
      meanwhile = undefined;
    }
    for (const apply of changes) apply();
    listener.onLoaded();
  });
  const change = (apply: () => void) => {
    apply();
    meanwhile?.push(apply);
    onChange();
  };
  // If it fails, everything is requested again when the connection is back.
  const reload = () => void load().catch(() => undefined);
  const message = (text: string) => report({ kind: 'message', at: now(), text });
  const onSession = (session: Session) => {
    if (!concerns(session.id)) return;
    // A plugin that was still loading may have brought it.
    if (!board.has(session.id) && board.isLoading) reload();
    change(() => board.put(session));
  };
  const onNotice = (kind: 'raised' | 'cleared') => (notice: Notice) => {
    if (!concerns(notice.session)) return;
    // It may change what only the daemon knows: its configuration, or its plugins.
    if (isOfKernel(notice) || !board.has(notice.session)) reload();
    else if (kind === 'cleared') change(() => board.clear(notice));
    // Good news is only an event.
    else if (notice.level !== 'info') change(() => board.raise(notice));
    report({ kind, at: now(), notice });
  };
  const cleanups = [
    client.on('session/didChange', onSession),
    client.on(
      'session/didAttempt',
      attempt => concerns(attempt.id) && report({ kind: 'attempt', at: attempt.endedAt, attempt }),
    ),
    client.on('notice/didRaise', onNotice('raised')),
    client.on('notice/didClear', onNotice('cleared')),
    client.on('config/didChange', ({ file }) => {
      message(`The configuration was read again: ${file ?? 'none'}`);
      reload();
    }),
    client.on('kernel/willStop', ({ reason }) => message(`The daemon stops: ${reason}`)),
    client.onStatus(status => (status === 'connected' ? reload() : onLost())),
  ];
  return { cleanups, loaded: load() };
}

/** While the task runs, further calls wait together for another run. */
function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = () => {
    next = undefined;
    running = task().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (!running) return run();
    next ??= running.then(run, run);
    return next;
  };
}
