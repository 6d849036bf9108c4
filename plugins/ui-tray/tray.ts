import type { KeepaliveClient } from '../../sdk/client/client.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { checkPageFile } from '../../sdk/client/page-link.ts';
import type { Backend, OpenBackend } from './backend.ts';
import { followKernel } from './kernel-picture.ts';
import { trayModel, type Picture } from './menu.ts';
import type { Action } from './model.ts';
import { sayTime } from './words.ts';

/** All that the tray knows of the outside; a test hands in its own. */
export type Surroundings = {
  readonly open: OpenBackend;
  /** Resolves with a client that reconnects, once there is a kernel; says so where it is not there yet. */
  readonly connect: (signal: AbortSignal, absent: () => void) => Promise<KeepaliveClient>;
  readonly browse: (file: string) => Promise<void>;
  readonly now: () => number;
  /** Aborted when the tray is to end. */
  readonly signal: AbortSignal;
};

export type RunningTray = { readonly hint?: string | undefined; readonly ended: Promise<void> };

/** The words of the menu depend on the day. */
const REDRAW_MS = 60_000;

/** Shows the tray until a person quits it or the signal is aborted; `ended` rejects where the screen is lost. */
export async function showTray(
  name: string,
  { open, connect, browse, now, signal }: Surroundings,
): Promise<RunningTray | { readonly absent: string }> {
  const quitting = new AbortController();
  const until = AbortSignal.any([signal, quitting.signal]);
  let backend: Backend | undefined;
  let client: KeepaliveClient | undefined;
  let picture: Picture | undefined;
  let complaint: string | undefined;
  let model = trayModel(picture, now());

  function draw(): void {
    const next = trayModel(picture, now(), complaint);
    if (JSON.stringify(next) === JSON.stringify(model)) return;
    model = next;
    backend?.show(model);
  }

  async function onAction(action: Action): Promise<void> {
    if (action.do === 'quit') return quitting.abort();
    complaint = undefined;
    try {
      if (client) await ask(client, action, browse);
    } catch (error) {
      // That the kernel has gone is said by the icon.
      complaint = picture && sayRefusal(error, now());
    }
    draw();
  }

  // Looked before it is shown: nobody should read that nothing is running, and then that it is.
  await new Promise<void>(
    looked =>
      void connect(until, looked).then(
        connected => {
          if (until.aborted) return connected.close();
          client = connected;
          followKernel(connected, next => {
            picture = next;
            draw();
            looked();
          });
        },
        () => looked(),
      ),
  );

  const first = model;
  const opened = await open({ name, model: first, onAction: action => void onAction(action) });
  if ('absent' in opened) {
    quitting.abort();
    client?.close();
    return opened;
  }
  backend = opened;
  if (model !== first) backend.show(model);
  const redraw = setInterval(draw, REDRAW_MS);

  const aborted = new Promise<void>(resolve => {
    if (until.aborted) resolve();
    until.addEventListener('abort', () => resolve(), { once: true });
  });
  const ended = Promise.race([aborted, opened.lost]).finally(async () => {
    quitting.abort();
    clearInterval(redraw);
    client?.close();
    await opened.close();
  });
  return { hint: opened.hint, ended };
}

async function ask(
  client: KeepaliveClient,
  action: Exclude<Action, { readonly do: 'quit' }>,
  browse: Surroundings['browse'],
): Promise<void> {
  switch (action.do) {
    case 'refresh':
      return void (await Promise.all(action.ids.map(id => client.request('session/refresh', { id }))));
    case 'pause':
      return void (await client.request('session/pause', { id: action.id }));
    case 'resume':
      return void (await client.request('session/resume', { id: action.id }));
    case 'configure':
      return void (await client.request('session/configure', { id: action.id, policy: action.policy }));
    case 'open-page':
      return browse(await checkPageFile(await client.request('page/open', { file: true }), client.origin));
  }
}

function sayRefusal(error: unknown, now: number): string {
  const retryAt = isKeepaliveError(error) ? error.details['retryAt'] : undefined;
  return [
    error instanceof Error ? error.message : String(error),
    ...(typeof retryAt === 'number' ? [`Again ${sayTime(retryAt, now)}.`] : []),
  ].join(' ');
}
