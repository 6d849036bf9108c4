import { aborted } from '../../sdk/base/aborted.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { checkPageFile } from '../../sdk/client/page-link.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Delivery } from '../../sdk/contract/rpc.ts';
import { upcomingTime } from '../../sdk/wording/time.ts';
import type { Backend, OpenBackend } from './backend.ts';
import { trayModel } from './menu.ts';
import type { Action, Snapshot, TrayModel } from './model.ts';
import { watchKernel } from './snapshot.ts';

/** All that the tray needs from outside. Tests pass their own. */
export type TrayDeps = {
  readonly open: OpenBackend;
  /** Resolves with a client that reconnects, once there is a kernel. Calls `onAbsent` while there is none. */
  readonly connect: (signal: AbortSignal, onAbsent: () => void) => Promise<KeepaliveClient>;
  readonly browse: (file: string) => Promise<void>;
  /** Starts the daemon. Rejects with the reason if it does not start. */
  readonly start: () => Promise<void>;
  readonly now: () => number;
  /** Aborted to end the tray. */
  readonly signal: AbortSignal;
};

export type RunningTray = { readonly hint?: string | undefined; readonly ended: Promise<void> };

/** The labels depend on the day. */
const REDRAW_MS = 60_000;

/** Shows the tray until the user quits it or the signal is aborted. `ended` rejects if the screen is lost. */
export async function showTray(name: string, deps: TrayDeps): Promise<RunningTray | { readonly absent: string }> {
  const tray = createTray(deps);
  // The first snapshot is awaited. Otherwise the menu would say for a moment that no daemon is running.
  await tray.connected;
  const first = tray.model();
  const opened = await deps.open({ name, model: first, onAction: action => void tray.onAction(action) });
  if ('absent' in opened) {
    tray.end();
    return opened;
  }
  tray.show(opened, first);
  const redraw = setInterval(tray.draw, REDRAW_MS);
  const ended = Promise.race([aborted(tray.until), opened.lost]).finally(async () => {
    clearInterval(redraw);
    tray.end();
    await opened.close();
  });
  return { hint: opened.hint, ended };
}

function createTray({ connect, browse, start, now, signal }: TrayDeps) {
  const quitting = new AbortController();
  const until = AbortSignal.any([signal, quitting.signal]);
  let backend: Backend | undefined;
  let client: KeepaliveClient | undefined;
  let snapshot: Snapshot | undefined;
  let refusal: string | undefined;
  let model = trayModel(undefined, now());

  function draw(): void {
    const next = trayModel(snapshot, now(), refusal);
    if (JSON.stringify(next) === JSON.stringify(model)) return;
    model = next;
    backend?.show(model);
  }

  async function onAction(action: Action): Promise<void> {
    if (action.do === 'quit') return quitting.abort();
    refusal = undefined;
    try {
      if (action.do === 'start') await start();
      else if (client) await perform(client, action, browse);
    } catch (error) {
      // If the kernel has gone, the icon shows it.
      if (snapshot || action.do === 'start') refusal = describeRefusal(error, now());
    }
    draw();
  }

  const connected = connectTo({ connect, now }, until, {
    onClient: connected => (client = connected),
    onSnapshot: next => {
      snapshot = next;
      draw();
    },
  });
  function show(opened: Backend, shown: TrayModel): void {
    backend = opened;
    if (model !== shown) backend.show(model);
  }
  function end(): void {
    quitting.abort();
    client?.close();
  }
  return { until, connected, model: () => model, draw, onAction, show, end };
}

type Connection = {
  readonly onClient: (client: KeepaliveClient) => void;
  readonly onSnapshot: (snapshot: Snapshot | undefined) => void;
};

/** Resolves with the first snapshot, or once it is known that there is no kernel yet. */
const connectTo = (
  { connect, now }: Pick<TrayDeps, 'connect' | 'now'>,
  until: AbortSignal,
  { onClient, onSnapshot }: Connection,
): Promise<void> =>
  new Promise<void>(resolve => {
    const onConnected = (client: KeepaliveClient) => {
      if (until.aborted) return client.close();
      onClient(client);
      watchKernel(client, now, snapshot => {
        onSnapshot(snapshot);
        resolve();
      });
    };
    void connect(until, resolve).then(onConnected, () => resolve());
  });

async function perform(
  client: KeepaliveClient,
  action: Exclude<Action, { readonly do: 'quit' | 'start' }>,
  browse: TrayDeps['browse'],
): Promise<void> {
  switch (action.do) {
    case 'refresh':
      return void (await Promise.all(action.ids.map(id => client.request('session/refresh', { id }))));
    case 'pause':
      return void (await Promise.all(action.ids.map(id => client.request('session/pause', { id }))));
    case 'resume':
      return void (await Promise.all(action.ids.map(id => client.request('session/resume', { id }))));
    case 'add':
      return void (await client.request('session/add', { plugin: action.plugin, options: action.options }));
    case 'test':
      return checkDelivered(await client.request('notifier/test'));
    case 'configure':
      return void (await client.request('session/configure', { id: action.id, policy: action.policy }));
    case 'open-page':
      return openPage(client, browse, {});
    case 'sign-in':
      return openPage(client, browse, { signIn: action.id });
    default:
      return unreachable(action);
  }
}

async function openPage(
  client: KeepaliveClient,
  browse: TrayDeps['browse'],
  place: { readonly signIn?: string },
): Promise<void> {
  return browse(await checkPageFile(await client.request('page/open', { file: true, ...place }), client.origin));
}

/** The test notice itself is the answer if it appeared anywhere. */
function checkDelivered(deliveries: readonly Delivery[]): void {
  if (deliveries.some(({ delivered }) => delivered)) return;
  const reasons = deliveries.map(({ id, reason = 'unknown cause' }) => `${id}: ${reason}`);
  throw new Error(['The test notice appeared nowhere.', ...reasons].join(' '));
}

function describeRefusal(error: unknown, now: number): string {
  const retryAt = isKeepaliveError(error) ? error.details['retryAt'] : undefined;
  return [
    error instanceof Error ? error.message : String(error),
    ...(typeof retryAt === 'number' ? [`Try again ${upcomingTime(retryAt, now)}.`] : []),
  ].join(' ');
}
