import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { renderHappening, renderWatch } from './picture.ts';
import type { Overview } from '../render/sessions.ts';
import type { Screen } from '../context/screen.ts';
import { narrowed, withHappening, withSession, type Happening, type WatchModel } from './model.ts';

type WatchOptions = {
  /** Only these sessions. */
  readonly ids?: readonly string[] | undefined;
  /** What the live picture is headed with. */
  readonly heading: string;
  readonly until: AbortSignal;
};

/** Shows sessions until it is told to end: to a person a picture that is kept up to date, elsewhere a line for all that happens. */
export async function watch(
  client: KeepaliveClient,
  screen: Screen,
  options: WatchOptions,
): Promise<readonly Session[]> {
  const { ids, heading, until } = options;
  const concerns = (id: string) => !ids || ids.includes(id);
  let model: WatchModel = { sessions: [], plugins: [], notices: [], connected: true, happenings: [] };
  const draw = () => screen.draw(renderWatch(model, heading, screen.view()));
  const change = (next: WatchModel) => {
    model = next;
    draw();
  };
  const happened = (happening: Happening) => {
    if (screen.live) change(withHappening(model, happening));
    else screen.line(renderHappening(happening, screen.view()));
  };
  const load = async () => change({ ...model, ...narrowed(await overviewOf(client), ids), connected: true });
  const said = (text: string) => happened({ kind: 'said', at: screen.view().now, text });
  // An overview that cannot be had now is asked for again when the connection is back.
  const reload = () => void load().catch(() => undefined);

  const cleanups: readonly Cleanup[] = [
    client.on('session/didChange', session => concerns(session.id) && change(withSession(model, session))),
    client.on(
      'session/didAttempt',
      attempt => concerns(attempt.id) && happened({ kind: 'attempt', at: attempt.endedAt, attempt }),
    ),
    client.on('notice/didRaise', notice => {
      if (!concerns(notice.session)) return;
      happened({ kind: 'raised', at: screen.view().now, notice });
      reload();
    }),
    client.on('notice/didClear', notice => {
      if (!concerns(notice.session)) return;
      happened({ kind: 'cleared', at: screen.view().now, notice });
      reload();
    }),
    client.on('config/didChange', ({ file }) => {
      said(`The configuration was read anew: ${file ?? 'none'}`);
      reload();
    }),
    client.on('kernel/willStop', ({ reason }) => said(`The daemon stops: ${reason}`)),
    client.onStatus(status => (status === 'connected' ? reload() : change({ ...model, connected: false }))),
  ];
  await load();
  // A picture shows them by itself.
  if (!screen.live) for (const notice of model.notices) happened({ kind: 'raised', at: notice.raisedAt, notice });
  const clock = setInterval(draw, 1_000);
  await new Promise<void>(resolve => {
    if (until.aborted) resolve();
    else until.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(clock);
  for (const cleanup of cleanups) void cleanup();
  return model.sessions;
}

/** What `status` shows, as of now. */
export async function overviewOf(client: KeepaliveClient): Promise<Overview> {
  const [sessions, plugins, notices] = await Promise.all([
    client.request('session/list'),
    client.request('plugin/list'),
    client.request('notice/list'),
  ]);
  return { sessions, plugins, notices };
}
