import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Notice, Session } from '../../../sdk/contract/session.ts';
import { overviewOf } from './load-overview.ts';
import type { Screen } from '../context/screen.ts';
import { describeFailure } from '../context/exit.ts';
import type { Keyboard } from '../context/keyboard.ts';
import { inOrder } from '../render/overview.ts';
import { pressKey, type KeyTarget, type Quit } from './keys.ts';
import { createLiveView } from './live-view.ts';
import { EMPTY, narrow, withEvent, withSession, type WatchEvent, type WatchModel } from './model.ts';
import { renderEvent, renderWatch } from './render.ts';

type WatchOptions = {
  /** Only these sessions. */
  readonly ids?: readonly string[] | undefined;
  readonly keyboard: Keyboard;
  readonly quit: Quit;
  readonly until: AbortSignal;
};

/** Shows sessions until the signal is aborted: a live view on a terminal, elsewhere a line for each event. */
export async function watch(
  client: KeepaliveClient,
  screen: Screen,
  { ids, keyboard, quit, until }: WatchOptions,
): Promise<readonly Session[]> {
  let model = EMPTY;
  const hasKeys = screen.live && keyboard.isPresent;
  const view = createLiveView(
    screen,
    () => renderWatch(model, { quit, hasKeys }, screen.view()),
    () => model.sessions,
  );
  const change = (changes: Partial<WatchModel>) => {
    model = { ...model, ...changes };
    view.draw();
  };
  const load = async () => change({ ...narrow(await overviewOf(client), ids), connected: true });
  const report = (event: WatchEvent) => {
    if (screen.live) change(withEvent(model, event));
    else screen.line(renderEvent(event, screen.view()));
  };
  const now = () => screen.view().now;
  const cleanups = subscribe(client, {
    concerns: id => !ids || ids.includes(id),
    now,
    report,
    // If it fails, the overview is requested again when the connection is back.
    reload: () => void load().catch(() => undefined),
    onSession: session => change(withSession(model, session)),
    onLost: () => change({ connected: false }),
  });
  await load();
  // The live view shows them already.
  if (!screen.live) for (const notice of model.notices) report({ kind: 'raised', at: notice.raisedAt, notice });
  const target: KeyTarget = {
    client,
    quit,
    sessions: () => inOrder(model, now()),
    selected: () => model.selected,
    select: selected => change({ selected }),
    toggleHelp: () => change({ showsHelp: !model.showsHelp }),
    say: text => report({ kind: 'message', at: now(), text }),
    describe: error => describeFailure(error, now()),
  };
  const unlisten = hasKeys && !until.aborted ? keyboard.listen(key => pressKey(key, target), view.resume) : undefined;
  await aborted(until);
  await unlisten?.();
  view.end();
  for (const cleanup of cleanups) void cleanup();
  return model.sessions;
}

type Listener = {
  readonly concerns: (id: string) => boolean;
  readonly now: () => number;
  readonly report: (event: WatchEvent) => void;
  readonly reload: () => void;
  readonly onSession: (session: Session) => void;
  readonly onLost: () => void;
};

function subscribe(
  client: KeepaliveClient,
  { concerns, now, report, reload, onSession, onLost }: Listener,
): readonly Cleanup[] {
  const message = (text: string) => report({ kind: 'message', at: now(), text });
  const onNotice = (kind: 'raised' | 'cleared') => (notice: Notice) => {
    if (!concerns(notice.session)) return;
    report({ kind, at: now(), notice });
    reload();
  };
  return [
    client.on('session/didChange', session => concerns(session.id) && onSession(session)),
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
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
